// Validates every manifest below a folder with ajv, as @microsoft/app-manifest
// configures it: all errors, formats, each version's schema compiled when the
// first file asks for it. Prints the milliseconds that it took, reading included.
//
//   node bench.mjs SCHEMAS MANIFESTS
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";

const require = createRequire(join(process.cwd(), "x.js"));
const Ajv = require("ajv-draft-04").default;
const addFormats = require("ajv-formats").default;
const [schemas, manifests] = process.argv.slice(2);

const read = (path) => JSON.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, ""));
const files = readdirSync(manifests, { recursive: true }).filter((f) => f.endsWith(".json")).map((f) => join(manifests, f));

const start = process.hrtime.bigint();
const compiled = new Map();
let compiling = 0n;
let valid = 0;
let judged = 0;
for (const file of files) {
  const manifest = read(file);
  const version = manifest.manifestVersion === "devPreview" ? "DevPreview" : manifest.manifestVersion;
  if (!compiled.has(version)) {
    const began = process.hrtime.bigint();
    try {
      const ajv = new Ajv({ allErrors: true, strictTypes: false, strict: false, formats: {} });
      addFormats(ajv, ["uri", "email", "regex"]);
      compiled.set(version, ajv.compile(read(join(schemas, `v${version}`, "MicrosoftTeams.schema.json"))));
    } catch (e) {
      compiled.set(version, undefined);
    }
    compiling += process.hrtime.bigint() - began;
  }
  const validate = compiled.get(version);
  if (validate) {
    judged++;
    if (validate(manifest)) valid++;
  }
}
const ms = Number(process.hrtime.bigint() - start) / 1e6;
console.log(`ajv: ${files.length} files, ${judged} judged, ${valid} valid, ${ms.toFixed(0)} ms, of which compiling schemas ${(Number(compiling) / 1e6).toFixed(0)} ms`);
