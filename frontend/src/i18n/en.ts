/** Every namespace of this language. The growers' page and `loadTexts` have theirs apart. */
const files = import.meta.glob<Record<string, unknown>>(
  [
    "./en/*.json",
    "!./en/{atlas,classes,dashboard,exports,grower,imports,map,practice,report,secondLook,webhooks}.json",
  ],
  { eager: true, import: "default" },
);

const bundle: Record<string, Record<string, unknown>> = {};
for (const [path, texts] of Object.entries(files)) {
  bundle[path.replace(/^.*\/(.+)\.json$/, "$1")] = texts;
}

export default bundle;
