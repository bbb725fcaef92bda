import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChannelCredentials, credentials } from '@grpc/grpc-js'
import { issueToken } from '../identity/issue-token.ts'
import { IdentityOptions } from '../identity/options.ts'
import { openTokenKey } from '../identity/token-key.ts'

/** What a machine shows that was just onboarded. */
export interface MachineCredentials {
  readonly tls: ChannelCredentials
  readonly token: string
}

/** For a machine of the controller with this state folder. */
export async function machineCredentials(
  stateFolder: string,
  account: { readonly namespace: string; readonly serviceAccount: string },
): Promise<MachineCredentials> {
  const { tokenIssuer: issuer, tokenAudience: audience } = IdentityOptions.parse({})
  const key = await openTokenKey(stateFolder)
  const nowMs = Date.now()
  const request = { ...account, durationSeconds: 3_600, nowMs }
  const token = await issueToken({ key, issuer, audience }, request)
  const roots = await readFile(join(stateFolder, 'ca', 'root-cert.pem'))
  return { tls: credentials.createSsl(roots), token }
}
