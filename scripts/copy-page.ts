import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What of the pages is not compiled goes beside what is. */
for (const page of ['phone', 'desk', 'agent']) {
  const from = new URL(`../src/console/${page}/`, import.meta.url);
  const to = new URL(`../dist/console/${page}/`, import.meta.url);
  for (const name of readdirSync(from)) {
    if (/\.(?:html|css|svg)$/.test(name)) {
      cpSync(fileURLToPath(new URL(name, from)), fileURLToPath(new URL(name, to)));
    }
  }
}

/**
 * Genesys' own components, which the console serves from its own origin. Not their two thousand icons
 * and pictures: no page shows one, and the bridge lists at its start what it serves.
 */
const spark = fileURLToPath(
  new URL('../node_modules/genesys-spark-components/dist/genesys-webcomponents/', import.meta.url),
);
const PICTURES = ['icons', 'illustrations'].map((name) => join(spark, name));
cpSync(spark, fileURLToPath(new URL('../dist/console/desk/spark/', import.meta.url)), {
  recursive: true,
  filter: (from) => !PICTURES.includes(from),
});

/** The chart's library: a browser has no node_modules. */
for (const name of ['uPlot.iife.min.js', 'uPlot.min.css']) {
  cpSync(
    fileURLToPath(new URL(`../node_modules/uplot/dist/${name}`, import.meta.url)),
    fileURLToPath(new URL(`../dist/console/desk/vendor/${name}`, import.meta.url)),
  );
}
