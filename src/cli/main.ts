#!/usr/bin/env node
import module from 'node:module'
import { fileURLToPath } from 'node:url'

// A cache of compiled code beside the code itself, so that whoever may write the one may write the other.
module.enableCompileCache?.(
  fileURLToPath(new URL('../../node_modules/.cache/compile', import.meta.url)),
)

const { hasNeededNode, runWithNewerNode } = await import('./newer-node.ts')
if (hasNeededNode(process.versions.node)) {
  const { main } = await import('./program.ts')
  await main()
} else {
  await runWithNewerNode()
}
