import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'

// What each pod pays for. These are loaded when they are needed, and the image has them compiled.
const later = ['@peculiar/x509', 'prom-client', '@opentelemetry/api']

describe('an agent', () => {
  it('loads when it starts what it needs to answer, and no more', async () => {
    await import('../../src/cli/commands/agent.ts')
    await import('../../src/agent/start-agent.ts')
    const loaded = Object.keys(createRequire(import.meta.url).cache)
    assert.ok(loaded.some((file) => file.includes('/node_modules/@grpc/grpc-js/')))
    for (const name of later) {
      const files = loaded.filter((file) => file.includes(`/node_modules/${name}/`))
      assert.deepEqual(files, [], name)
    }
    // Of Node, in `process.moduleLoadList`; a plain import of node:http would bring it.
    const { moduleLoadList = [] } = process as { readonly moduleLoadList?: readonly string[] }
    assert.ok(moduleLoadList.includes('NativeModule http'))
    assert.ok(!moduleLoadList.includes('NativeModule internal/deps/undici/undici'))
  })
})
