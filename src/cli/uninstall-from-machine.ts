import { controllerData, controllerUnit } from '../install/controller/plan.ts'
import { removeAccounts, thisMachine } from '../install/machine.ts'
import { InstallRecord } from '../install/place/install-record.ts'
import { removeInstallation } from '../install/place/remove.ts'
import { stopUnit } from '../install/unit.ts'
import type { Invocation } from './command.ts'
import { confirm } from './confirm.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { installRoot } from './live-root.ts'
import { formatRemoval } from './print-removal.ts'

/** Takes the controller of a mesh from this machine, or from an image. */
export async function uninstallFromMachine(invocation: Invocation): Promise<ExitCode> {
  const { io, options } = invocation
  const root = installRoot(invocation)
  if (!new InstallRecord(root.path, 'controller').read()) {
    io.stdout.write('Nothing to take away: meshdns install was not run here.\n')
    return exitCodes.done
  }
  const isPurge = options.has('purge')
  const what = isPurge
    ? 'with objects, state and the keys of the mesh'
    : 'but not objects and state'
  if (!(await confirm(invocation, `Take the controller away, ${what}?`))) {
    io.stdout.write('Nothing was changed.\n')
    return exitCodes.failed
  }
  const hasSystemd = root.isLive && thisMachine.hasSystemd()
  if (hasSystemd) await stopUnit(thisMachine, controllerUnit)
  const removal = removeInstallation(root.path, 'controller', isPurge ? [] : controllerData)
  // What is left belongs to them.
  const isEmpty = removal?.left.length === 0
  if (root.isLive && isEmpty) await removeAccounts(thisMachine, removal.accounts)
  if (hasSystemd) await thisMachine.run(['systemctl', 'daemon-reload'])
  if (removal) io.stdout.write(formatRemoval(removal))
  return exitCodes.done
}
