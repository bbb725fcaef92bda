/** What a person can do when nobody may listen on a port, from the system's error. */
export function listenHint(cause: unknown, protocol: 'udp' | 'tcp', port: number): string {
  const { code } = cause as { code?: unknown }
  if (code === 'EADDRINUSE') {
    const list = protocol === 'udp' ? 'ss -Hlunp' : 'ss -Hltnp'
    return `Something else has the port: \`${list} 'sport = :${port}'\` shows it. Stop it, or choose another port.`
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return port < 1024
      ? 'Ports below 1024 need CAP_NET_BIND_SERVICE; grant it, or choose a port from 1024 up.'
      : 'The system forbids it: look for a sandbox or security policy around this program.'
  }
  if (code === 'EADDRNOTAVAIL') {
    return 'No interface of this machine has that address; `ip address` lists what there is.'
  }
  if (code === 'EAFNOSUPPORT') return 'This machine does not have that address family switched on.'
  return 'Choose another address or port.'
}
