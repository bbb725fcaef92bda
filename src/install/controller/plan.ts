import type { InstallConfig } from '../../config/install-config.ts'
import { type ProgramWords, readPackaged } from '../packaged.ts'
import type { Placement } from '../place/placement.ts'
import { controllerLayout } from './layout.ts'
import { renderOperator } from './operator-text.ts'

/** The controller's user and group. */
export const controllerAccount = 'meshdns-controller'

/** The controller's unit. */
export const controllerUnit = 'meshdns-controller.service'

/** What outlives the controller unless somebody says otherwise. */
export const controllerData: readonly string[] = [controllerLayout.state, controllerLayout.objects]

const units = '/etc/systemd/system'

/** Everything that makes a machine the controller of a mesh. */
export function controllerPlacements(
  config: InstallConfig,
  program?: ProgramWords,
): readonly Placement[] {
  const { options, mesh, objects, state } = controllerLayout
  return [
    { kind: 'folder', path: state, mode: 0o700, owner: controllerAccount, whole: true },
    { kind: 'folder', path: objects, mode: 0o755, whole: true },
    fileOf(mesh, renderOperator(config)),
    { ...fileOf(options, readPackaged('controller.yaml')), keep: true },
    fileOf(
      '/etc/sysusers.d/meshdns-controller.conf',
      readPackaged('meshdns-controller.sysusers.conf'),
    ),
    fileOf(`${units}/${controllerUnit}`, readPackaged('meshdns-controller.service', program)),
    {
      kind: 'link',
      path: `${units}/multi-user.target.wants/${controllerUnit}`,
      target: `${units}/${controllerUnit}`,
    },
  ]
}

function fileOf(path: string, text: string) {
  return { kind: 'file', path, text, mode: 0o644 } as const
}
