import type { CST } from "yaml";

/** A token with the number of lists and maps around it. */
export interface NestedToken {
  readonly token: CST.Token;
  readonly depth: number;
}

/**
 * All values and keys among the tokens of a text, in any order.
 * A loop, not a recursion: the nesting may be deeper than the call stack.
 */
export function* walkTokens(tokens: readonly CST.Token[]): Generator<NestedToken> {
  const open: NestedToken[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    const { token, depth } = next;
    if (token.type === "document" && token.value) open.push({ token: token.value, depth });
    if (token.type !== "block-map" && token.type !== "block-seq" && token.type !== "flow-collection") continue;
    for (const { key, value } of token.items) {
      if (key) open.push({ token: key, depth: depth + 1 });
      if (value) open.push({ token: value, depth: depth + 1 });
    }
  }
}

/** A bracket or quote that is never closed. */
export interface Unclosed {
  readonly offset: number;
  readonly opening: string;
  readonly closing: string;
}

/** The innermost bracket or quote that is never closed, if there is one. */
export function findUnclosed(tokens: readonly CST.Token[]): Unclosed | undefined {
  let last: Unclosed | undefined;
  for (const { token } of walkTokens(tokens)) {
    const unclosed = unclosedAt(token);
    if (unclosed && unclosed.offset > (last?.offset ?? -1)) last = unclosed;
  }
  return last;
}

function unclosedAt(token: CST.Token): Unclosed | undefined {
  if (token.type === "flow-collection") {
    const opening = token.start.source;
    const closing = opening === "[" ? "]" : "}";
    return token.end[0]?.source === closing ? undefined : { offset: token.offset, opening, closing };
  }
  if (token.type !== "single-quoted-scalar" && token.type !== "double-quoted-scalar") return undefined;
  const quote = token.source.slice(0, 1);
  const isClosed = token.source.length > 1 && token.source.endsWith(quote);
  return isClosed ? undefined : { offset: token.offset, opening: quote, closing: quote };
}
