import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatPath } from '../documents/path.ts'
import { layerOfData } from './layer.ts'
import { mergeLayers } from './settings.ts'

interface Case {
  readonly name: string
  /** The lowest first. */
  readonly layers: readonly unknown[]
  /** `PATH=VALUE LAYER < VALUE LAYER…`, each effective value with those that it beat. */
  readonly want: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'maps key by key',
    layers: [{ a: { x: 1, y: 2 } }, { a: { y: 3 } }],
    want: ['a.x=1 0', 'a.y=3 1 < 2 0'],
  },
  { name: 'lists whole', layers: [{ a: [1, 2] }, { a: [3] }], want: ['a=[3] 1 < [1,2] 0'] },
  { name: 'nulls say nothing', layers: [{ a: 1 }, { a: null }, null], want: ['a=1 0'] },
  {
    name: 'all that was beaten, the nearest first',
    layers: [{ a: 1 }, { a: 2 }, { b: 0 }, { a: 3 }],
    want: ['a=3 3 < 2 1 < 1 0', 'b=0 2'],
  },
  {
    name: 'a map over a text, and a text over a map',
    layers: [
      { a: 'x', b: { c: 1 } },
      { a: { c: 1 }, b: 'x' },
    ],
    want: ['a.c=1 1', 'b="x" 1 < {"c":1} 0'],
  },
  { name: 'empty layers', layers: [{}, undefined, {}], want: [] },
  {
    name: 'maps that are replaced whole',
    layers: [{ whole: { x: 1 } }, { whole: { y: 2 } }],
    want: ['whole={"y":2} 1 < {"x":1} 0'],
  },
  {
    name: 'keys that objects have by nature',
    layers: [JSON.parse('{"__proto__": {"a": 1}, "toString": 1}'), { b: 2 }],
    want: ['__proto__.a=1 0', 'toString=1 0', 'b=2 1'],
  },
]

describe('mergeLayers takes', () => {
  for (const { name, layers, want } of cases) {
    it(name, () => {
      const { list } = mergeLayers(
        layers.map((value, index) => layerOfData(String(index), value)),
        ([first]) => first === 'whole',
      )
      const lines = list.map(({ path, value, origin, beat }) =>
        [{ value, origin }, ...beat]
          .map((one) => `${JSON.stringify(one.value)} ${one.origin.layer.level}`)
          .join(' < ')
          .replace(/^/, `${formatPath(path)}=`),
      )
      assert.deepEqual(lines, want)
    })
  }

  it('the tree as the list has it', () => {
    const layers = [{ a: { x: 1 }, b: null }, { a: { y: [2] } }]
    const { tree } = mergeLayers(layers.map((value) => layerOfData('', value)))
    assert.deepEqual(tree, { a: { x: 1, y: [2] } })
  })
})
