import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import {
  Client,
  credentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { parseSocketAddress } from '../../ip/socket-address.ts'
import {
  type IstioCertificateRequest,
  IstioCertificateRequestSchema,
  type IstioCertificateResponse,
  IstioCertificateResponseSchema,
  IstioCertificateService,
} from '../../rpc/gen/istio/v1/auth/ca_pb.js'
import { grpcDefinition } from '../../rpc/grpc-definition.ts'
import { addressResource } from '../../testing/address-resources.ts'
import { EnvoyStream, envoyNode } from '../../testing/envoy-discovery-client.ts'
import { until } from '../../testing/until.ts'
import { startXdsServerRig } from '../../testing/xds-server-rig.ts'
import { TableHash } from '../../translate/discovery/table-hash.ts'
import { typeUrls } from '../type-url.ts'

const first = { node: envoyNode('ztunnel', 'zt'), type_url: typeUrls.address }

describe('startXdsServer', () => {
  it('does not serve beyond loopback without TLS', async (test) => {
    for (const plaintextAddress of ['0.0.0.0:0', '[::]:0', '192.0.2.1:0']) {
      await assert.rejects(startXdsServerRig(test, { options: { plaintextAddress } }), {
        code: 'XDS_PLAINTEXT_CLOSED',
      })
    }
  })

  it('does so when told to, and says it aloud', async (test) => {
    const options = { plaintextAddress: '0.0.0.0:0', plaintextOpen: true }
    const rig = await startXdsServerRig(test, { options })
    assert.deepEqual(
      rig.health.items().map(({ code }) => code),
      ['XDS_PLAINTEXT_OPEN'],
    )
    assert.match(rig.lines[0]?.message ?? '', /served to everybody/)
  })

  it('names the address that it cannot have', async (test) => {
    const { plaintext } = await startXdsServerRig(test)
    const options = { tlsAddresses: [plaintext] }
    await assert.rejects(startXdsServerRig(test, { options }), {
      code: 'XDS_BIND',
      message: `cannot serve xDS on ${plaintext}`,
    })
  })

  it('serves other services on the same ports', async (test) => {
    const definition = grpcDefinition(IstioCertificateService)
    const implementation = {
      createCertificate(
        { request }: ServerUnaryCall<IstioCertificateRequest, IstioCertificateResponse>,
        answer: sendUnaryData<IstioCertificateResponse>,
      ) {
        answer(null, create(IstioCertificateResponseSchema, { certChain: [request.csr] }))
      },
    }
    const rig = await startXdsServerRig(test, { services: [{ definition, implementation }] })
    const client = new Client(rig.plaintext, credentials.createInsecure())
    test.after(() => client.close())
    const { path, requestSerialize, responseDeserialize } = definition.createCertificate ?? {}
    assert.ok(path && requestSerialize && responseDeserialize)
    const request = create(IstioCertificateRequestSchema, { csr: 'csr' })
    const chain = await new Promise<unknown>((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        (error, found) =>
          error ? reject(error) : resolve((found as IstioCertificateResponse).certChain),
      )
    })
    assert.deepEqual(chain, ['csr'])
  })
})

describe('a connection that is old', () => {
  it('is told to go, then closed; its proxy counts as gone', async (test) => {
    // Old enough to have said something, on a slow machine as well.
    const options = { maxConnectionAgeMs: 5_000, maxConnectionAgeGraceMs: 100 }
    const rig = await startXdsServerRig(test, { options })
    const stream = new EnvoyStream(rig.plaintext, 'DeltaAggregatedResources')
    test.after(() => stream.close())
    stream.send(first)
    await stream.next()
    assert.notEqual((await stream.ending())?.code, status.OK)
    await until(() => rig.heard.includes('disconnected zt'))
    assert.deepEqual(rig.server.proxies(), [])
  })
})

describe('a server that stops', () => {
  it('tells streams to go, and lets nobody in any more', async (test) => {
    const rig = await startXdsServerRig(test)
    const stream = new EnvoyStream(rig.plaintext, 'DeltaAggregatedResources')
    test.after(() => stream.close())
    stream.send(first)
    await stream.next()
    await rig.server.stop()
    assert.equal((await stream.ending())?.code, status.UNAVAILABLE)
    assert.deepEqual(rig.heard, ['connected zt', 'disconnected zt'])
    const late = connect(parseSocketAddress(rig.plaintext).port, '127.0.0.1')
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException]
    assert.equal(error.code, 'ECONNREFUSED')
  })

  it('does not wait for those who do not go', async (test) => {
    const rig = await startXdsServerRig(test)
    const socket = connect(parseSocketAddress(rig.tls).port, '127.0.0.1')
    socket.on('error', () => {})
    const closed = once(socket, 'close')
    await once(socket, 'connect')
    await rig.server.stop()
    socket.resume()
    await closed
  })
})

describe('what is known of proxies', () => {
  it('is who they are, what they hold, and whether that is all', async (test) => {
    const rig = await startXdsServerRig(test)
    const put = [addressResource('ns1/a.test'), addressResource('hidden/b.test')]
    rig.server.publish({ put, drop: [] })
    const stream = new EnvoyStream(rig.plaintext, 'DeltaAggregatedResources')
    test.after(() => stream.close())
    stream.send(first)
    const { nonce } = await stream.next()
    const [before] = rig.server.proxies()
    assert.equal(before?.types[0]?.tableHash, undefined)
    stream.send({ type_url: typeUrls.address, response_nonce: nonce })
    const typeOf = () => rig.server.proxies()[0]?.types[0]
    await until(() => typeOf()?.tableHash !== undefined)
    const [found] = rig.server.proxies()
    const hash = new TableHash()
    hash.add('ns1/a.test', '1')
    assert.equal(found?.proxy.name, 'zt')
    assert.equal(found.variant, 'delta')
    const { interest, sentVersion, ackedVersion, lagMs, tableHash } = typeOf() ?? {}
    assert.deepEqual([interest, sentVersion, ackedVersion, lagMs], ['all', '2', '2', 0])
    assert.equal(tableHash, hash.toString())
    rig.server.publish({ put: [addressResource('ns2/c.test')], drop: [] })
    await stream.next()
    assert.equal(typeOf()?.tableHash, undefined, 'it has not acknowledged the change yet')
    stream.close()
    await until(() => rig.server.proxies().length === 0)
  })
})
