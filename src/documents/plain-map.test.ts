import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asMap, mapAt, mapsAt, textAt, textsOf } from './plain-map.ts'

/** What a hostile object may have where a map is expected. */
const noMaps = [undefined, null, 1, true, 'text', ['text'], [{ name: 'cart' }]]

describe('a map of plain values that nobody has checked', () => {
  for (const value of noMaps) {
    it(`is empty where ${JSON.stringify(value)} stands`, () => {
      assert.deepEqual(asMap(value), {})
      assert.deepEqual(mapAt(value, 'name'), {})
      assert.deepEqual(mapAt({ spec: value }, 'spec'), {})
      assert.deepEqual(mapsAt(value, 'name'), [])
      assert.equal(textAt(value, 'name'), '')
      assert.deepEqual(textsOf(value), {})
    })
  }

  it('has maps, lists of them and texts', () => {
    const pod = { spec: { hostname: 'cart', containers: [{ name: 'app' }, 'text', null, []] } }
    assert.deepEqual(mapsAt(mapAt(pod, 'spec'), 'containers'), [{ name: 'app' }])
    assert.equal(textAt(pod.spec, 'hostname'), 'cart')
    assert.equal(textAt({ port: 80 }, 'port'), '')
  })

  it('has its texts in their order, and nothing else', () => {
    const labels: unknown = JSON.parse('{ "b": "1", "__proto__": "2", "port": 80, "a": "" }')
    assert.deepEqual(Object.entries(textsOf(labels)), [
      ['b', '1'],
      ['__proto__', '2'],
      ['a', ''],
    ])
  })
})
