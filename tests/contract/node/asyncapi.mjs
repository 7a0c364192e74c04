// Reads an AsyncAPI document with the reference parser; prints its problems as JSON lines, exits 1 on any error.
import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], 'utf8'));
const errors = diagnostics.filter((problem) => problem.severity === 0);
for (const error of errors) console.log(JSON.stringify({ code: error.code, path: error.path, message: error.message }));
console.log(JSON.stringify({ parsed: document !== undefined, errors: errors.length }));
process.exit(errors.length || !document ? 1 : 0);
