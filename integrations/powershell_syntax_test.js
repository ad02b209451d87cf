#!/usr/bin/env node
// Parses every .ps1 file here by the tree-sitter grammar of PowerShell, and holds the parser to account with scripts that
// are broken on purpose. The grammar takes more than PowerShell does: it finds what is cut off, unbalanced or newer than
// Windows PowerShell 5.1; what a script does, it cannot say.
'use strict';

const fs = require('fs');
const path = require('path');

const packages = process.env.PATCHGATE_POWERSHELL_PARSER;
if (!packages) {
  console.error('PATCHGATE_POWERSHELL_PARSER names no folder: run tools/setup');
  process.exit(1);
}
const {Parser, Language} = require(path.join(packages, 'web-tree-sitter', 'web-tree-sitter.cjs'));

// What is wrong with a script, or '' for nothing.
function complaint(parser, text) {
  if (!/^[\t\n\r\x20-\x7e]*$/.test(text)) return 'not ASCII';
  const root = parser.parse(text).rootNode;
  if (root.namedChildCount === 0) return 'empty';
  // PowerShell 7; the grammar takes it.
  const newer = root.descendantsOfType(['&&', '||']);
  if (newer.length > 0) return `line ${newer[0].startPosition.row + 1}: ${newer[0].type}`;
  if (!root.hasError) return '';
  let node = root;
  for (;;) {
    const child = node.children.find((c) => c.hasError || c.isMissing || c.isError);
    if (!child) break;
    node = child;
  }
  return `line ${node.startPosition.row + 1}: syntax error near ${JSON.stringify(node.text.slice(0, 40))}`;
}

// Ways to break a script, each of which must be found.
function broken(text) {
  const last = (what) => text.slice(0, text.lastIndexOf(what)) + text.slice(text.lastIndexOf(what) + 1);
  return {
    'last } missing': last('}'),
    'last ) missing': last(')'),
    'last quotation mark missing': last("'"),
    'cut off in a string': text.slice(0, text.lastIndexOf("'")),
    'one } more': text + '}\n',
    'PowerShell 7: a && b': text + 'Get-Date && Get-Date\n',
    'PowerShell 7: a ?? b': text + '$x = $null ?? 1\n',
    'PowerShell 7: a ? b : c': text + '$x = $true ? 1 : 2\n',
    'not ASCII': text + '# \u00e9\n',
    'nothing': '',
  };
}

async function main() {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(
      await Language.load(path.join(packages, 'tree-sitter-powershell', 'tree-sitter-powershell.wasm')));

  const folder = process.env.TEST_SRCDIR ? path.join(process.env.TEST_SRCDIR, 'patchgate', 'integrations') : __dirname;
  const scripts = fs.readdirSync(folder).filter((name) => name.endsWith('.ps1')).sort();
  let failures = scripts.length >= 5 ? 0 : 1;
  for (const name of scripts) {
    const text = fs.readFileSync(path.join(folder, name), 'latin1');
    const found = complaint(parser, text);
    if (found) {
      ++failures;
      console.error(`${name}: ${found}`);
    }
    for (const [how, wrong] of Object.entries(broken(text))) {
      if (!complaint(parser, wrong)) {
        ++failures;
        console.error(`${name}, ${how}: not found`);
      }
    }
  }
  console.log(`${scripts.length} scripts, ${failures} failures`);
  process.exit(failures === 0 ? 0 : 1);
}

main();
