import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { V1SecurityContext } from '@kubernetes/client-node'
import { privilegeWords } from './privileges.ts'

const cases: readonly {
  readonly name: string
  readonly context: V1SecurityContext
  readonly want: RegExp
}[] = [
  { name: "the image's user", context: {}, want: /--reuid=7 --regid=7 --clear-groups/ },
  {
    name: 'a user and a group',
    context: { runAsUser: 1337, runAsGroup: 1338 },
    want: /--reuid=1337 --regid=1338/,
  },
  {
    name: 'only what is added',
    context: { capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] } },
    want: /--bounding-set=-all,\+net_admin,\+net_raw --inh-caps=-all --$/,
  },
  {
    name: 'the usual without one',
    context: { capabilities: { drop: ['CHOWN'] } },
    want: /--bounding-set=-all,\+dac_override,/,
  },
  {
    name: 'no new privileges',
    context: { allowPrivilegeEscalation: false },
    want: /--no-new-privs --$/,
  },
  { name: 'all of them', context: { privileged: true }, want: /--clear-groups --$/ },
]

describe('privileges of a container', () => {
  for (const { name, context, want } of cases) {
    it(name, () => {
      const container = { name: 'app', securityContext: context }
      assert.match(privilegeWords({}, container, 7).join(' '), want)
    })
  }

  it('refuses root where it must not be', () => {
    const container = { name: 'app', securityContext: { runAsNonRoot: true } }
    assert.throws(() => privilegeWords({}, container, 0), /runAsNonRoot/)
  })
})
