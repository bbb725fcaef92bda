import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from './run-program.ts'

/** Somebody who shows a certificate of the cluster's CA. */
interface Holder {
  readonly file: string
  readonly subject: string
  readonly names?: readonly string[]
}

const holders: readonly Holder[] = [
  {
    file: 'apiserver',
    subject: '/CN=kube-apiserver',
    names: [
      'IP:127.0.0.1',
      'IP:::1',
      'IP:10.96.0.1',
      'DNS:localhost',
      'DNS:kubernetes.default.svc',
    ],
  },
  { file: 'admin', subject: '/O=system:masters/CN=admin' },
  { file: 'controller-manager', subject: '/O=system:masters/CN=controller-manager' },
]

/** Makes a CA, certificates of the cluster's parts and the key of its tokens: `ca.crt`, `NAME.crt`, `NAME.key`. */
export async function makeCertificates(folder: string): Promise<void> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  await openssl(folder, ['req', '-x509', ...key, ...filesOf('ca'), '-subj', '/CN=test-cluster'])
  for (const { file, subject, names = [] } of holders) {
    const request = ['req', '-x509', ...key, ...filesOf(file), '-subj', subject]
    const issuer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-days', '2']
    const extensions = [
      ...(names.length > 0 ? [`subjectAltName=${names.join(',')}`] : []),
      'basicConstraints=critical,CA:FALSE',
      'extendedKeyUsage=serverAuth,clientAuth',
    ].flatMap((extension) => ['-addext', extension])
    await openssl(folder, [...request, ...issuer, ...extensions])
  }
  await openssl(folder, ['genrsa', '-out', 'tokens.key', '2048'])
}

function filesOf(name: string): readonly string[] {
  return ['-keyout', `${name}.key`, '-out', `${name}.crt`]
}

async function openssl(folder: string, words: readonly string[]): Promise<void> {
  const { code, stderr } = await runProgram(['openssl', ...words], { cwd: folder })
  if (code !== 0) throw new Error(`openssl ${words.join(' ')}: ${stderr}`)
}

/** A kubeconfig for somebody of the above. */
export async function writeKubeconfig(
  folder: string,
  holder: string,
  server: string,
): Promise<string> {
  const path = join(folder, `${holder}.kubeconfig`)
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [
      { name: 'test', cluster: { server, 'certificate-authority': join(folder, 'ca.crt') } },
    ],
    users: [
      {
        name: holder,
        user: {
          'client-certificate': join(folder, `${holder}.crt`),
          'client-key': join(folder, `${holder}.key`),
        },
      },
    ],
    contexts: [{ name: 'test', context: { cluster: 'test', user: holder } }],
  }
  await writeFile(path, JSON.stringify(config, undefined, 2), { mode: 0o600 })
  return path
}
