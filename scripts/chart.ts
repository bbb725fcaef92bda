import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../test/architecture/tree.ts'
import { renderChart } from './chart/render-chart.ts'

/** Prints the Helm chart from what `meshdns install` applies. */
const folder = join(root, 'packaging/helm/meshdns')
rmSync(folder, { recursive: true, force: true })
for (const [path, text] of renderChart()) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
  process.stdout.write(`packaging/helm/meshdns/${path}\n`)
}
