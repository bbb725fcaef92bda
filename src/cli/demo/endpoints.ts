import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'

/** Starts what the examples' endpoints stand for; the addresses must be this machine's. */
export async function startEndpoints(): Promise<void> {
  for (const address of ['198.51.100.1', '198.51.100.2']) {
    const page = `Hello from the HTTP service at ${address}.\n`
    const server = http.createServer((_, response) => {
      response.setHeader('content-type', 'text/plain')
      response.end(page)
    })
    await listen(server, address, 80)
  }
  await listen(greeter('the orders service at 198.51.100.3:9000'), '198.51.100.3', 9_000)
  await listen(greeter('the payments service at 198.51.100.4:9001'), '198.51.100.4', 9_001)
}

/** Speaks first, as many protocols that are not HTTP do. */
function greeter(name: string): net.Server {
  return net.createServer((client) => {
    client.on('error', () => client.destroy())
    client.end(`220 This is ${name}.\n`)
  })
}

async function listen(server: net.Server, host: string, port: number): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
}
