import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { findSystemProgram } from '../../sandbox/programs.ts'
import type { ExitCode } from '../exit-codes.ts'
import type { DemoPage } from './demo-page.ts'
import { startEndpoints } from './endpoints.ts'
import { ownWords, packageRoot, programPaths } from './own-programs.ts'
import { makePrivateNetwork } from './private-network.ts'
import { demoEnvironment, playDemo } from './stage-process.ts'
import { chapters, type Step } from './steps.ts'
import { judgeUpstream, startUpstream } from './upstream.ts'

// The process inside the demo's private network: plays the network's servers and runs the commands.

const path = process.env['PATH'] ?? ''

await playDemo(play)

async function play(page: DemoPage): Promise<ExitCode> {
  const folder = makePrivateNetwork(path, [...programPaths(), process.cwd()])
  await startEndpoints()
  const asked = await startUpstream()
  const env = demoEnvironment(folder)
  page.text('A private network with four small services. Each command below runs as\n')
  page.text('  meshdns run -f examples -- COMMAND\n')
  for (const { title, steps } of chapters) {
    page.chapter(title)
    for (const step of steps) await show(step, { page, env })
  }
  page.text('\n')
  judgeUpstream(page, asked)
  return page.end(
    'The network is gone with the demo. Try your own: meshdns run -f FILE -- COMMAND, or many machines: meshdns demo mesh',
  )
}

interface Surroundings {
  readonly page: DemoPage
  readonly env: NodeJS.ProcessEnv
}

/** Runs a command, prints it with its output, and says whether it showed what it should. */
async function show(step: Step, { page, env }: Surroundings): Promise<void> {
  const [program = ''] = step.argv
  const installed = ownWords.has(program) || findSystemProgram(program, path) !== undefined
  const argv = installed ? step.argv : (step.instead ?? step.argv)
  page.command(argv.map((word) => (/[\s<>]/.test(word) ? `'${word}'` : word)).join(' '))
  const [first = '', ...words] = wordsOf(argv, step)
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  const child = spawn(first, words, { cwd: packageRoot, env, stdio: [...stdio] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    page.text(text)
    output += text
  })
  await once(child, 'close')
  page.judge(output, step)
}

function wordsOf(argv: readonly string[], { outside }: Step): readonly string[] {
  const own = (word: string) => ownWords.get(word) ?? [word]
  const joined = ['sh', '-c', 'exec "$@" 2>&1', 'sh', ...argv.flatMap(own)]
  return outside ? joined : [...own('meshdns'), 'run', '-f', 'examples', '--', ...joined]
}
