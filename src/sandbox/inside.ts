import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import type { Socket } from 'node:dgram'
import type { Server } from 'node:net'
import { openInsideSockets } from './inside-sockets.ts'
import { endLeftovers, networkNamespaceOf } from './leftovers.ts'
import type { CommandEnd, FromInside, InsidePlan, ToInside } from './message.ts'

// The process inside the namespaces: sets them up, hands its sockets out, runs the command and
// clears up behind it. It stays until the last process is gone, also when the parent dies.

let plan: InsidePlan | undefined
let command: ChildProcess | undefined

process.on('message', (message: ToInside) => {
  switch (message.kind) {
    case 'plan':
      plan = message.plan
      prepare(message.plan)
      return
    case 'go':
      if (plan) start(plan)
      return
    case 'signal':
      command?.kill(message.signal)
  }
})
process.on('disconnect', leave)
// Meant for the command, which gets the terminal's signals itself.
for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, () => {})
for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => command?.kill(signal))
}
tell({ kind: 'hello' })

async function prepare({ steps, dnsPort, relayPort }: InsidePlan): Promise<void> {
  try {
    for (const { purpose, argv, input, optional } of steps) {
      const [program = '', ...rest] = argv
      const { status, stderr, error } = spawnSync(program, rest, { input, encoding: 'utf8' })
      if (status === 0) continue
      const words = error?.message ?? stderr.trim()
      tell({ kind: optional ? 'skipped' : 'failed', purpose, words })
      if (!optional) return
    }
    for (const { role, socket } of await openInsideSockets(dnsPort, relayPort)) {
      await new Promise<void>((resolve) => {
        tell({ kind: 'socket', role }, socket, () => resolve())
      })
      socket.close()
    }
    tell({ kind: 'ready' })
  } catch (error) {
    tell({ kind: 'failed', purpose: 'open the sockets', words: String(error) })
  }
}

function start({ command: [program = '', ...words], env }: InsidePlan): void {
  command = spawn(program, words, { stdio: 'inherit', env })
  command.on('error', (error) => {
    tell({ kind: 'failed', purpose: 'start the command', words: error.message })
  })
  command.on('exit', (exitCode, signal) => {
    finish(signal ? { kind: 'signal', signal } : { kind: 'exit', exitCode: exitCode ?? 1 })
  })
}

function finish(end: CommandEnd): void {
  clearUp()
  tell({ kind: 'ended', end })
}

/** The parent is done with us, or dead. Nothing of ours is worth an orderly end. */
function leave(): void {
  clearUp()
  process.kill(process.pid, 'SIGKILL')
}

/** Only ever in a namespace of our own: in the host's, every process would be a leftover. */
function clearUp(): void {
  const namespace = networkNamespaceOf('self')
  if (namespace === undefined || !plan || namespace === plan.hostNamespace) return
  endLeftovers(namespace)
}

function tell(message: FromInside, handle?: Socket | Server, done: () => void = () => {}): void {
  if (process.connected) process.send?.(message, handle, {}, done)
  else done()
}
