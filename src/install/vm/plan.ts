import type { OnboardingFiles } from '../onboarding/write-files.ts'
import { type ProgramWords, readPackaged } from '../packaged.ts'
import type { Placement } from '../place/placement.ts'

/** The agent's user and group. */
export const agentAccount = 'meshdns'

/** The agent's unit. */
export const agentUnit = 'meshdns.service'

const units = '/etc/systemd/system'

/** Everything that makes a machine one of the mesh, where Istio has it. */
export function vmPlacements(files: OnboardingFiles, program?: ProgramWords): readonly Placement[] {
  const token = {
    text: files['istio-token'],
    mode: 0o600,
    owner: agentAccount,
    secret: true,
  } as const
  return [
    { kind: 'folder', path: '/var/lib/meshdns', mode: 0o750, owner: agentAccount, whole: true },
    fileOf('/etc/certs/root-cert.pem', files['root-cert.pem']),
    { kind: 'file', path: '/etc/certs/istio-token', ...token },
    { kind: 'file', path: '/var/run/secrets/tokens/istio-token', ...token },
    fileOf('/var/lib/istio/envoy/cluster.env', files['cluster.env']),
    { ...fileOf('/var/lib/istio/envoy/sidecar.env', readPackaged('sidecar.env')), keep: true },
    fileOf('/etc/istio/config/mesh', files['mesh.yaml']),
    fileOf('/etc/sysusers.d/meshdns.conf', readPackaged('meshdns.sysusers.conf')),
    fileOf('/etc/tmpfiles.d/meshdns-vm.conf', readPackaged('meshdns-vm.tmpfiles.conf')),
    { ...fileOf('/usr/lib/meshdns/remove-capture', readPackaged('remove-capture')), mode: 0o755 },
    fileOf(`${units}/${agentUnit}`, readPackaged('meshdns.service', program)),
    fileOf(`${units}/${agentUnit}.d/vm.conf`, readPackaged('meshdns-vm.conf', program)),
    {
      kind: 'link',
      path: `${units}/multi-user.target.wants/${agentUnit}`,
      target: `${units}/${agentUnit}`,
    },
    ...(files.hosts === ''
      ? []
      : [{ kind: 'block', path: '/etc/hosts', text: files.hosts } as const]),
  ]
}

function fileOf(path: string, text: string) {
  return { kind: 'file', path, text, mode: 0o644 } as const
}
