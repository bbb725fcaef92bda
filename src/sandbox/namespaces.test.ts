import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chooseNamespaces, deniedHint, NamespacesDeniedError } from './namespaces.ts'

function unshare(allows: (words: readonly string[]) => boolean) {
  return {
    path: '/usr/bin/unshare',
    attempt: (words: readonly string[]) =>
      allows(words) ? undefined : 'unshare: unshare failed: Operation not permitted',
  }
}

describe('chooseNamespaces', () => {
  it('needs no user namespace as root', () => {
    assert.equal(
      chooseNamespaces(
        0,
        unshare(() => true),
      ),
      'root',
    )
  })

  it('takes a user namespace where root has no rights', () => {
    assert.equal(
      chooseNamespaces(
        0,
        unshare((words) => words.includes('--user')),
      ),
      'user',
    )
  })

  it('takes a user namespace for anybody else', () => {
    assert.equal(
      chooseNamespaces(
        1_000,
        unshare(() => true),
      ),
      'user',
    )
  })

  it('says what the system said when none is to be had', () => {
    assert.throws(
      () =>
        chooseNamespaces(
          1_000,
          unshare(() => false),
        ),
      (error) => error instanceof NamespacesDeniedError && /not permitted/.test(error.message),
    )
  })
})

interface Case {
  readonly name: string
  readonly uid: number
  readonly setting?: string
  readonly value?: string
  readonly want: RegExp
}

const cases: readonly Case[] = [
  { name: 'capabilities to root in a container', uid: 0, want: /--cap-add SYS_ADMIN/ },
  {
    name: "Debian's switch",
    uid: 1_000,
    setting: 'kernel/unprivileged_userns_clone',
    value: '0',
    want: /unprivileged_userns_clone=1/,
  },
  {
    name: 'the limit',
    uid: 1_000,
    setting: 'user/max_user_namespaces',
    value: '0',
    want: /max_user_namespaces=/,
  },
  {
    name: 'AppArmor',
    uid: 1_000,
    setting: 'kernel/apparmor_restrict_unprivileged_userns',
    value: '1',
    want: /apparmor_restrict_unprivileged_userns=0/,
  },
  { name: 'sudo where no switch says no', uid: 1_000, want: /sudo/ },
]

describe('the hint where namespaces are denied', () => {
  for (const { name, uid, setting, value, want } of cases) {
    it(`names ${name}`, () => {
      assert.match(
        deniedHint(uid, (asked) => (asked === setting ? value : undefined)),
        want,
      )
    })
  }
})
