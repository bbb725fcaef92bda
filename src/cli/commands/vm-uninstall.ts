import { removeAccounts, thisMachine } from '../../install/machine.ts'
import { packagedPath } from '../../install/packaged.ts'
import { InstallRecord } from '../../install/place/install-record.ts'
import { removeInstallation } from '../../install/place/remove.ts'
import { stopUnit } from '../../install/unit.ts'
import { agentUnit } from '../../install/vm/plan.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { installRoot, rootOption } from '../live-root.ts'
import { formatRemoval } from '../print-removal.ts'

export const command: Command = {
  description:
    'Leaves the machine as it was before `meshdns vm install`: stops the agent, takes the capture rules, files, folders and the user away, ' +
    'and puts back what was there before. What somebody changed since is kept, and named.',
  operands: [],
  options: [rootOption],
  examples: [{ command: 'meshdns vm uninstall', says: 'as root' }],
  run,
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const { io } = invocation
  const root = installRoot(invocation)
  if (!new InstallRecord(root.path, 'vm').read()) {
    io.stdout.write('Nothing to take away: meshdns vm install was not run here.\n')
    return exitCodes.done
  }
  const hasSystemd = root.isLive && thisMachine.hasSystemd()
  if (hasSystemd) await stopUnit(thisMachine, agentUnit)
  if (root.isLive) await thisMachine.run(['sh', packagedPath('remove-capture')])
  const removal = removeInstallation(root.path, 'vm')
  if (root.isLive) await removeAccounts(thisMachine, removal?.accounts ?? [])
  if (hasSystemd) await thisMachine.run(['systemctl', 'daemon-reload'])
  if (removal) io.stdout.write(formatRemoval(removal))
  return exitCodes.done
}
