import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findAccount, isMapped } from './drop-root.ts'

const passwd = 'root:x:0:0::/root:/bin/sh\nmesh:x:990:991::/:/usr/sbin/nologin\n'

describe('whom the agent becomes', () => {
  it('is found by name and by number', () => {
    assert.deepEqual(findAccount('mesh', passwd), { uid: 990, gid: 991 })
    assert.deepEqual(findAccount('990', passwd), { uid: 990, gid: 991 })
    assert.deepEqual(findAccount('1234', passwd), { uid: 1_234, gid: 1_234 })
  })

  it("is Istio's proxy user where nobody made one", () => {
    assert.deepEqual(findAccount('meshdns', passwd), { uid: 1_337, gid: 1_337 })
  })

  it('must exist when it was named', () => {
    assert.equal(findAccount('nobody-here', passwd), undefined)
  })

  it('must exist in our user namespace', () => {
    assert.equal(isMapped(1_337, '         0          0 4294967295\n'), true)
    assert.equal(isMapped(1_337, '         0       1000          1\n'), false)
  })
})
