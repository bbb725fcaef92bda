import { controllerLayout } from '../install/controller/layout.ts'
import {
  controllerAccount,
  controllerPlacements,
  controllerUnit,
} from '../install/controller/plan.ts'
import { accountWork, type Machine, thisMachine } from '../install/machine.ts'
import { applyPlan, isDone, planInstallation } from '../install/place/apply.ts'
import { checkUnit, startUnit, unitFailed } from '../install/unit.ts'
import type { Invocation } from './command.ts'
import type { CommandIo } from './command-io.ts'
import { confirm } from './confirm.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { readPage } from './http-page.ts'
import { installRoot, programOf } from './live-root.ts'
import { formatDryRun, formatSteps } from './print-steps.ts'
import { readOperators } from './read-install-config.ts'
import { waitUntil } from './wait-until.ts'

const readyPage = 'http://127.0.0.1:15014/healthz/ready'

/** Makes this machine, or an image, the controller of a mesh. */
export async function installOnMachine(invocation: Invocation): Promise<ExitCode> {
  const { io, options } = invocation
  const isDry = options.has('dry-run')
  const config = await readOperators(invocation)
  const root = installRoot(invocation, { isDry })
  const placements = controllerPlacements(config, programOf(invocation, root))
  const plan = planInstallation(root.path, 'controller', placements)
  if (isDry) {
    io.stdout.write(formatDryRun(plan.steps))
    return exitCodes.done
  }
  const changed = !isDone(plan)
  if (changed) {
    const where = root.isLive ? 'on this machine' : `below ${root.path}`
    if (!(await confirm(invocation, `Install the controller of a mesh ${where}?`))) {
      io.stdout.write('Nothing was changed.\n')
      return exitCodes.failed
    }
    const work = accountWork(thisMachine, controllerAccount, controllerLayout.state)
    await applyPlan(plan, root.isLive ? work : undefined)
    io.stdout.write(formatSteps(plan.steps))
  } else {
    io.stdout.write('Everything is in its place already.\n')
  }
  if (!root.isLive) return exitCodes.done
  if (!thisMachine.hasSystemd()) {
    io.stdout.write(
      `systemd does not run here. Start the controller yourself, as root:\n  meshdns controller --config ${controllerLayout.options} --run-as ${controllerAccount}\n`,
    )
    return exitCodes.done
  }
  await startUnit(thisMachine, controllerUnit, { changed })
  await awaitController(thisMachine, io)
  return exitCodes.done
}

async function awaitController(machine: Machine, io: CommandIo): Promise<void> {
  const isReady = await waitUntil(
    async () => {
      await checkUnit(machine, controllerUnit)
      return (await readPage(readyPage))?.status === 200
    },
    { what: 'for the controller to be ready', limitMs: 60_000 },
    io,
  )
  if (isReady) {
    io.stdout.write(
      `The controller is ready. Put ServiceEntries and WorkloadGroups into ${controllerLayout.objects}.\n`,
    )
    return
  }
  const page = await readPage(readyPage)
  const reason = `it is not ready: ${page?.text ?? 'no page says why'}`
  throw await unitFailed(machine, controllerUnit, reason)
}
