import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import { programPath } from '../../base/program-path.ts'
import { findSystemProgram } from '../../sandbox/programs.ts'
import { endWithReader } from '../broken-pipe.ts'
import { wantsColor } from '../command-io.ts'
import { exitCodes } from '../exit-codes.ts'
import { formatError, reportOf } from '../print-error.ts'
import { startEndpoints } from './endpoints.ts'
import { makePrivateNetwork } from './private-network.ts'
import { chapters, type Step } from './steps.ts'
import { startUpstream, upstream } from './upstream.ts'

// The process inside the demo's private network: plays the network's servers and runs the commands.

const root = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '')
const color = wantsColor(process.stdout, process.env)
const path = process.env['PATH'] ?? ''

endWithReader()
try {
  process.exitCode = await play()
} catch (error) {
  process.stderr.write(formatError(reportOf(error)))
  process.exitCode = exitCodes.failed
}
process.exit()

async function play(): Promise<number> {
  const folder = makePrivateNetwork(path, [root, process.cwd(), process.execPath])
  await startEndpoints()
  const asked = await startUpstream()
  const env = demoEnvironment(folder)
  print(
    'A private network with four small services. Each command below runs as',
    'meshdns run -f examples -- COMMAND',
  )
  let failures = 0
  for (const [index, { title, steps }] of chapters.entries()) {
    process.stdout.write(`\n${paint('bold', `${index + 1}. ${title}`)}\n`)
    for (const step of steps) if (!(await show(step, env))) failures += 1
  }
  const names = [...new Set(asked.map((line) => line.replace(/\.? \S+$/, '')))]
  process.stdout.write(
    `\nThe server of resolv.conf was asked for nothing but: ${names.join(', ')}\n`,
  )
  if (names.join() !== upstream.name.replace(/\.$/, '')) failures += 1
  process.stdout.write(
    failures === 0
      ? `\nThe network is gone with the demo. Try your own: meshdns run -f FILE -- COMMAND\n`
      : `\n${paint('red', `${failures} of the demo's expectations failed.`)}\n`,
  )
  return failures === 0 ? exitCodes.done : exitCodes.failed
}

/** Runs a command, prints it with its output, and says whether it showed what it should. */
async function show(step: Step, env: NodeJS.ProcessEnv): Promise<boolean> {
  const installed =
    step.argv[0] === 'meshdns' || findSystemProgram(step.argv[0] ?? '', path) !== undefined
  const argv = installed ? step.argv : (step.instead ?? step.argv)
  const shown = argv.map((word) => (/[\s<>]/.test(word) ? `'${word}'` : word)).join(' ')
  process.stdout.write(`\n${paint('bold', `$ ${shown}`)}\n`)
  const output = await runCommand(argv.flatMap(programWords), step, env)
  const missing = step.want.filter((pattern) => !pattern.test(output))
  const word = missing.length === 0 ? paint('green', '=>') : paint('red', 'FAILED, expected:')
  const text = missing.length === 0 ? step.says : missing.map(String).join(' and ')
  process.stdout.write(`${word} ${text}\n`)
  return missing.length === 0
}

async function runCommand(argv: readonly string[], step: Step, env: NodeJS.ProcessEnv) {
  const joined = ['sh', '-c', 'exec "$@" 2>&1', 'sh', ...argv]
  const inMesh = [...programWords('meshdns'), 'run', '-f', 'examples', '--', ...joined]
  const [program = '', ...words] = step.outside ? joined : inMesh
  const child = spawn(program, words, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text)
    output += text
  })
  await new Promise((resolve) => child.on('close', resolve))
  if (output !== '' && !output.endsWith('\n')) process.stdout.write('\n')
  return output
}

/** Our own programs run from where this one lies. */
function programWords(word: string): string[] {
  const own = (source: URL) => [process.execPath, ...process.execArgv, programPath(source)]
  if (word === 'meshdns') return own(new URL('../main.ts', import.meta.url))
  if (word === 'meshdns-client') return own(new URL('./client.ts', import.meta.url))
  return [word]
}

/** The caller's environment without proxies, which know nothing of this network. */
function demoEnvironment(folder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name))
  return { ...Object.fromEntries(kept), CURL_HOME: folder }
}

function print(text: string, command: string): void {
  process.stdout.write(`${text}\n  ${paint('bold', command)}\n`)
}

function paint(style: 'bold' | 'green' | 'red', text: string): string {
  return color ? styleText(style, text, { validateStream: false }) : text
}
