import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parsePrefix } from '../ip/prefix.ts'
import { networkCommands, planNetwork } from './network-plan.ts'

const mesh = ['240.240.0.0/16', '2001:2::/48', '2001:db8::5/128'].map(parsePrefix)

describe('the network of a sandbox', () => {
  it('leads everywhere in the families that the host speaks', () => {
    const plan = planNetwork([4, 6], mesh)
    assert.equal(
      networkCommands(plan, 4),
      'link set lo up\n' +
        'addr add 192.0.0.8/32 dev lo\n' +
        'route replace local 0.0.0.0/0 dev lo table local src 192.0.0.8\n',
    )
    assert.equal(
      networkCommands(plan, 6),
      'addr add fd6d:6573:6864:6e73::1/128 dev lo nodad\n' +
        'route replace local ::/0 dev lo table local src fd6d:6573:6864:6e73::1\n',
    )
  })

  it('leads to the mesh alone in a family that the host does not speak', () => {
    assert.equal(
      networkCommands(planNetwork([4], mesh), 6),
      'route replace local 2001:2::/48 dev lo table local\n' +
        'route replace local 2001:db8::5/128 dev lo table local\n',
    )
  })

  it('names a range once, however often the mesh does', () => {
    const twice = planNetwork([4], [...mesh, ...mesh])
    assert.equal(networkCommands(twice, 6).match(/2001:2::/g)?.length, 1)
  })
})
