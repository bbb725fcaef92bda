import { execFileSync } from 'node:child_process'
import dgram from 'node:dgram'
import { Conntrack } from '../sys/conntrack.ts'
import { renderNftables } from './nftables.ts'
import { planCases } from './plans.case.ts'

/** What a sandbox tells the agent outside of it. */
export interface Question {
  readonly pid: number
  /** Of a socket that sees the connections of the namespace. */
  readonly conntrackFd: number
  readonly client: string
}

/** Asks a server of the outside from within a namespace that has nothing but a loopback. */
function ask(server: string): void {
  execFileSync('ip', ['link', 'set', 'lo', 'up'])
  execFileSync('ip', ['route', 'add', 'local', '0.0.0.0/0', 'dev', 'lo', 'table', 'local'])
  execFileSync('nft', ['-f', '-'], {
    input: planCases['sandbox'] && renderNftables(planCases['sandbox']),
  })
  const conntrack = Conntrack.open()
  const agent = dgram.createSocket('udp4')
  agent.on('message', (_, { address, port }) => {
    const question: Question = {
      pid: process.pid,
      conntrackFd: conntrack?.fd ?? -1,
      client: `${address}:${port}`,
    }
    process.stdout.write(JSON.stringify(question))
  })
  agent.bind(15053, '127.0.0.1', () => dgram.createSocket('udp4').send('?', 53, server))
}

if (import.meta.main) ask('203.0.113.53')
