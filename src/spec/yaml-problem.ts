import type { ErrorCode, YAMLError } from "yaml";

/** A mistake in the YAML itself, in plain words. */
export interface YamlProblem {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

const indentWithSpaces = "indent with two spaces a level; what belongs together starts in the same column";
const quoteText = 'put the text in double quotes, e.g. "text: with a colon"';

/** What each error of the YAML parser means to somebody who has never read the YAML specification. */
const problems: Readonly<Record<ErrorCode, readonly [message: string, fix: string]>> = {
  ALIAS_PROPS: ["an alias (`*name`) can't have an anchor or a tag", "write the alias alone"],
  BAD_ALIAS: [
    "this anchor or alias has no usable name",
    "write `&name` where the value stands, `*name` to use it again",
  ],
  BAD_COLLECTION_TYPE: ["a tag does not fit the value that it stands before", "remove the tag (the word after `!`)"],
  BAD_DIRECTIVE: ["a line that starts with % is not used here", "remove the line"],
  BAD_DQ_ESCAPE: [
    "\\ and what follows is not an escape in double quotes",
    "write \\\\ for a backslash, or use single quotes",
  ],
  BAD_INDENT: ["the indentation does not fit the lines around it", indentWithSpaces],
  BAD_PROP_ORDER: [
    "an anchor or a tag stands before `-`, `?` or `:`",
    "put it after that sign, right before the value",
  ],
  BAD_SCALAR_START: ["text can't start with this sign in YAML", "put the text in double quotes"],
  BLOCK_AS_IMPLICIT_KEY: [
    "a value is followed by another `key:`",
    `start a line of its own for it, with the right indentation; or ${quoteText}`,
  ],
  BLOCK_IN_FLOW: [
    "a comma is missing inside { } or [ ], or an indented block stands there",
    "put commas between the entries",
  ],
  DUPLICATE_KEY: ["a key is given twice in one map", "remove one of the two"],
  IMPOSSIBLE: ["this part can't be understood as YAML", indentWithSpaces],
  KEY_OVER_1024_CHARS: ["a key is longer than 1024 characters", "shorten the key"],
  MISSING_CHAR: [
    "a sign is missing here",
    "check the brackets, quotes and `key: value` pairs of this and the line before",
  ],
  MULTILINE_IMPLICIT_KEY: [
    "this line has no `:`, or its key runs over several lines",
    "write `key: value` on one line; list entries start with `- `",
  ],
  MULTIPLE_ANCHORS: ["a value has two anchors (`&name`)", "remove one of the two"],
  MULTIPLE_DOCS: [
    "the file has a second document after `---`",
    "write one experiment a file; remove `---` and what follows",
  ],
  MULTIPLE_TAGS: ["a value has two tags (`!name`)", "remove the tags"],
  NON_STRING_KEY: ["a key is a list, a map or has a tag; only plain names can be keys", "write `name: value`"],
  RESOURCE_EXHAUSTION: ["the lists and maps are nested too deeply", "nest less deeply"],
  TAB_AS_INDENT: ["a tab is used for indentation", "replace the tab by spaces; YAML allows only spaces there"],
  TAG_RESOLVE_FAILED: ["tags (words after `!`) have no meaning here", "remove the tag"],
  UNEXPECTED_TOKEN: [
    "this part stands where YAML does not expect it",
    "check the brackets, commas and quotes of this and the line before",
  ],
};

/** More precise words for an error code that stands for several mistakes, by what the parser's message contains. */
const preciseProblems: readonly (readonly [pattern: RegExp, message: string, fix: string])[] = [
  [
    /keys need to be followed by map values/,
    "a line has no `:` where a `key: value` is expected",
    "write `key: value`; list entries start with `- `",
  ],
  [/Missing space after :/, "there is no space after `:`", "write `key: value` with a space"],
  [/Missing , /, "a comma is missing between two entries", "put a comma between the entries"],
  [
    /Comments must be separated/,
    "there is no space before `#`",
    "put a space before the comment; or quote the text if # belongs to it",
  ],
  [/Sequence item without - /, "a line without `- ` stands in a list", "start the line with `- `, or indent it less"],
  [
    /scalar at node end/,
    "text follows on the same line after the value has ended",
    "put a comma or a new line before it; or quote the whole text",
  ],
  [/Unexpected ,/, "there is a comma with nothing before it", "remove the comma"],
  [/Unexpected flow-(map|seq)-end/, "a closing bracket has no opening one", "remove it, or add the opening bracket"],
  [
    /block-seq-ind on same line/,
    "a list starts on the line of its key",
    "start the list on a new, indented line, or write it as [a, b]",
  ],
];

/** Says in plain words what an error of the YAML parser means. */
export function explainYamlError(error: Pick<YAMLError, "code" | "message">): YamlProblem {
  const precise = preciseProblems.find(([pattern]) => pattern.test(error.message));
  const [message, fix] = precise ? [precise[1], precise[2]] : problems[error.code];
  return { code: yamlCode(error.code), message, fix };
}

function yamlCode(code: ErrorCode): string {
  switch (code) {
    case "MULTIPLE_DOCS":
      return "yaml-multiple-documents";
    case "TAB_AS_INDENT":
      return "yaml-tab";
    case "RESOURCE_EXHAUSTION":
      return "yaml-too-deep";
    case "TAG_RESOLVE_FAILED":
    case "BAD_COLLECTION_TYPE":
      return "yaml-tag";
    default:
      return "yaml-syntax";
  }
}
