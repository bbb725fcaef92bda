import { accountWork, type Machine, thisMachine } from '../../install/machine.ts'
import { applyPlan, isDone, planInstallation } from '../../install/place/apply.ts'
import { checkUnit, startUnit, unitFailed } from '../../install/unit.ts'
import { readBundle, wantsCapture } from '../../install/vm/bundle.ts'
import { agentAccount, agentUnit, vmPlacements } from '../../install/vm/plan.ts'
import { systemServers, whyNotCaptured } from '../captured-question.ts'
import type { Command, Invocation } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { readPage } from '../http-page.ts'
import { installRoot, programOf, programOption, rootOption } from '../live-root.ts'
import { formatSteps } from '../print-steps.ts'
import { waitUntil } from '../wait-until.ts'

const readyPage = 'http://127.0.0.1:15021/healthz/ready'

export const command: Command = {
  description:
    'Makes this machine one of the mesh: puts the files of a folder that `meshdns workload entry configure` wrote where they belong, ' +
    'with the unit, its user and its folders, starts the agent, and waits until a question of this machine was caught and answered. ' +
    'Done again, it changes only what differs. `meshdns vm uninstall` leaves the machine as it was before.',
  operands: [{ name: 'folder', summary: 'what `meshdns workload entry configure -o` wrote' }],
  options: [rootOption, programOption],
  examples: [
    { command: 'meshdns vm install vm1', says: 'on the machine itself, as root' },
    { command: 'meshdns vm install vm1 --root image', says: 'into an image that is booted later' },
  ],
  run,
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const [folder = ''] = invocation.operands
  const { io } = invocation
  const files = readBundle(folder)
  const root = installRoot(invocation)
  const plan = planInstallation(root.path, 'vm', vmPlacements(files, programOf(invocation, root)))
  const work = accountWork(thisMachine, agentAccount, '/var/lib/meshdns')
  await applyPlan(plan, root.isLive ? work : undefined)
  const changed = !isDone(plan)
  io.stdout.write(changed ? formatSteps(plan.steps) : 'Everything is in its place already.\n')
  if (!root.isLive) return exitCodes.done
  if (!thisMachine.hasSystemd()) {
    io.stdout.write(`${startByHand}\n`)
    return exitCodes.done
  }
  await startUnit(thisMachine, agentUnit, { changed })
  await awaitAgent(thisMachine, { capture: wantsCapture(files) }, io)
  return exitCodes.done
}

const startByHand = `systemd does not run here. Start the agent yourself, as root:
  set -a; . /var/lib/istio/envoy/sidecar.env; . /var/lib/istio/envoy/cluster.env; set +a
  meshdns agent`

/** Waits until the agent does what it is for, and says so. */
async function awaitAgent(
  machine: Machine,
  { capture }: { readonly capture: boolean },
  io: CommandIo,
): Promise<void> {
  const isReady = await waitUntil(
    async () => {
      await checkUnit(machine, agentUnit)
      return (await readPage(readyPage))?.status === 200
    },
    { what: 'for the agent to know the names of the mesh', limitMs: 60_000 },
    io,
  )
  if (!isReady) {
    const page = await readPage(readyPage)
    throw await unitFailed(
      machine,
      agentUnit,
      `it is not ready: ${page?.text ?? 'no page says why'}`,
    )
  }
  if (!capture) {
    io.stdout.write('The agent is ready; DNS capture is off on this machine.\n')
    return
  }
  const [server] = await systemServers()
  let why: string | undefined = 'resolv.conf names no server'
  const isCaught = await waitUntil(
    async () => {
      if (server) why = await whyNotCaptured(server)
      return why === undefined
    },
    { what: 'for a question of this machine to be caught', limitMs: 20_000 },
    io,
  )
  if (!isCaught) {
    throw await unitFailed(machine, agentUnit, `questions of this machine do not reach it: ${why}`)
  }
  io.stdout.write('The agent is ready, and a question of this machine was caught and answered.\n')
}
