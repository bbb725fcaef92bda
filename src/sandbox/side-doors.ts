import { readdirSync } from 'node:fs'

/** Folders of host resolvers that answer by a socket file instead of by DNS: systemd-resolved and nscd. */
const folders = [
  { folder: '/run/systemd/resolve', name: /^io\.systemd\.Resolve/ },
  { folder: '/run/nscd', name: /^socket$/ },
  { folder: '/var/run/nscd', name: /^socket$/ },
]

/**
 * Socket files through which the C library would pass by our DNS (nss-resolve, nscd).
 *
 * Masked one by one, not with their folder: `/etc/resolv.conf` may point to a file beside them.
 */
export function sideDoors(list: (folder: string) => readonly string[] = listFolder): string[] {
  return folders.flatMap(({ folder, name }) =>
    list(folder)
      .filter((entry) => name.test(entry))
      .map((entry) => `${folder}/${entry}`),
  )
}

function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
