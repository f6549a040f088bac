import { describeExpectation } from "../describe-expectation.ts";
import { exampleOf, renderInline } from "../example.ts";
import { alternativesOf, type Expectation } from "../expectation.ts";
import { underKey } from "../explain-value.ts";
import { joinAnchor } from "./anchor.ts";
import { anchorOfFile, documentedLanguage } from "./docs-anchor.ts";
import { isOneKeyEach, labelOf, mapsOf, type DocumentedField, type DocumentedMap } from "./language-maps.ts";

const introduction = `<!-- Written by \`npm run docs\` from src/spec/schema: change the descriptions there. -->

# The experiment language

One YAML file is one experiment. Every field is listed here, section by section: what may stand there, what holds if it
is left out, and an example. \`nightsweep validate\` checks a file against all of it and names the place in this document;
\`nightsweep schema\` prints the same as a JSON Schema for editors.

A path such as \`training.optimizer.learningRate\` leads from section to field; entries of a list are counted from 0, as
\`model.layers[2].conv2d.filters\`. Any of these paths can be swept.
`;

/** The documentation of the whole language as Markdown, from the same schemas that check it. */
export function renderLanguageDocs(): string {
  const { maps } = documentedLanguage();
  const withHeading = new Set(maps.map(({ anchor }) => anchor));
  return [introduction, ...maps.map((map) => renderMap(map, withHeading))].join("\n");
}

function renderMap(map: DocumentedMap, withHeading: ReadonlySet<string>): string {
  const parts = [
    renderHeading(map),
    ...(map.names.length > 0 && map.choice === undefined ? [renderNames(map.names)] : []),
    ...(map.isOneOf ? ["A map with one of these keys.\n"] : []),
    renderTable(map, withHeading),
  ];
  return parts.join("\n");
}

function renderHeading({ anchor, path, choice }: DocumentedMap): string {
  if (path === "") return `<a id="${anchorOfFile}"></a>\n\n## The file\n`;
  const level = path.includes(".") || choice !== undefined ? "###" : "##";
  const text = [`\`${path}\``, ...(choice === undefined ? [] : [`with \`${choice.replace(/^with /, "")}\``])].join(" ");
  return `<a id="${anchor}"></a>\n\n${level} ${text}\n`;
}

function renderNames(names: readonly string[]): string {
  return `Or by name alone: ${names.map((name) => `\`${name}\``).join(", ")}.\n`;
}

function renderTable({ fields, isOneOf }: DocumentedMap, withHeading: ReadonlySet<string>): string {
  const rows = fields.map((field) => [
    `${withHeading.has(field.anchor) ? "" : `<a id="${field.anchor}"></a>`}\`${field.key}\``,
    describeValue(field, withHeading),
    ...(isOneOf ? [] : [describeDefault(field)]),
    [field.expected.description ?? "", exampleOfField(field)].filter(Boolean).join(" "),
  ]);
  const header = ["field", "value", ...(isOneOf ? [] : ["default"]), "what it is"];
  return [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.map(inCell).join(" | ")} |\n`).join("");
}

/** What is allowed, with links to the fields of maps. */
function describeValue({ expected, anchor }: DocumentedField, withHeading: ReadonlySet<string>): string {
  const maps = mapsOf(expected);
  const others = alternativesOf(expected).filter((alternative) => !maps.includes(alternative));
  const base = documentedLanguage().anchorOfFields(expected) ?? (withHeading.has(anchor) ? anchor : "");
  const text = others.length > 0 ? describeExpectation({ anyOf: [...others] }) : "";
  const values = text === "" ? [] : [maps.length > 0 || base === "" ? text : `[${text}](#${base})`];
  return [...values, ...(maps.length > 0 ? [linkMaps(maps, base)] : [])].join(" or ");
}

function linkMaps(maps: readonly Expectation[], base: string): string {
  if (maps.length === 1 || isOneKeyEach(maps)) return `[a map](#${base})`;
  const links = maps.map((map) => {
    const label = labelOf(map, maps) ?? "";
    return `[${label}](#${joinAnchor(base, label)})`;
  });
  return `a map: ${links.join(", ")}`;
}

function describeDefault({ expected, isRequired }: DocumentedField): string {
  if (isRequired) return "**required**";
  return expected.default === undefined ? "" : `\`${renderInline(expected.default)}\``;
}

/** Nothing if the default says it already. */
function exampleOfField({ key, expected }: DocumentedField): string {
  const line = underKey([key], exampleOf(expected));
  return line === underKey([key], expected.default) ? "" : `Example: \`${line}\``;
}

/** A cell ends at `|`; outside code `<` would start HTML. */
function inCell(text: string): string {
  return text
    .split(/(`[^`]*`|<a id="[^"]*"><\/a>)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll("<", "&lt;")))
    .join("")
    .replaceAll("|", String.raw`\|`);
}
