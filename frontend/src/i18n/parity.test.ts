import { describe, expect, it } from "vitest";

type Texts = { [key: string]: string | Texts };

const files = import.meta.glob<Texts>("./{es,en}/*.json", { eager: true, import: "default" });
const sources = import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.*", "!../**/*.d.ts"], {
  eager: true,
  query: "?raw",
  import: "default",
});
const code = Object.values(sources).join("\n");

function flat(texts: Texts, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === "string") found.set(prefix + key, value);
    else for (const [inner, text] of flat(value, `${prefix}${key}.`)) found.set(inner, text);
  }
  return found;
}

const placeholders = (text: string) =>
  [...text.matchAll(/\{\{\s*([^},\s]+)/g)].map((match) => match[1]).sort();
const namespaces = Object.keys(files)
  .filter((path) => path.startsWith("./es/"))
  .map((path) => path.slice("./es/".length, -".json".length));

describe.each(namespaces)("namespace %s", (namespace) => {
  const spanish = flat(files[`./es/${namespace}.json`] ?? {});
  const english = flat(files[`./en/${namespace}.json`] ?? {});

  it("has the same keys in both languages", () => {
    expect([...english.keys()].sort()).toEqual([...spanish.keys()].sort());
  });

  it("has no empty text and the same placeholders in both languages", () => {
    for (const [key, text] of spanish) {
      expect(text.trim(), `es ${key}`).not.toBe("");
      expect(english.get(key)?.trim(), `en ${key}`).not.toBe("");
      expect(placeholders(english.get(key) ?? ""), key).toEqual(placeholders(text));
    }
  });

  it("has no key that nothing uses", () => {
    const unused = [...spanish.keys()].filter((key) => !isUsed(key));
    expect(unused).toEqual([]);
  });
});

/** Used as a literal, or as the fixed beginning of a template literal such as t(`state.${state}`). */
function isUsed(key: string): boolean {
  const bare = key.replace(/_(zero|one|two|few|many|other)$/, "");
  if (code.includes(`"${bare}"`)) return true;
  const parts = bare.split(".");
  return parts.some((_, index) => {
    const head = parts.slice(0, index + 1).join(".");
    return index < parts.length - 1
      ? code.includes(`\`${head}.\${`)
      : code.includes(`\`\${`) && isTail(parts);
  });
}

/** The tail of a template such as t(`next.${step}.title`) or t(`${share}Hint`). */
function isTail(parts: readonly string[]): boolean {
  const last = parts.at(-1) ?? "";
  const suffix = /[A-Z][a-z]+$/.exec(last)?.[0];
  return code.includes(`}.${last}\``) || (suffix !== undefined && code.includes(`}${suffix}\``));
}
