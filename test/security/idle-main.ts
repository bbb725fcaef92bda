import { connect } from 'node:net'

/**
 * Opens so many connections, from 2,000 at a time of each address of loopback, and says nothing on them.
 *
 * Says `open N` when the last was made, and `closed` when the other side has closed all of them.
 */
const [port, total, perAddress] = process.argv.slice(2).map(Number)
if (port === undefined || total === undefined || perAddress === undefined) process.exit(2)

let opened = 0
let closed = 0
for (let index = 0; index < total; index += 1) {
  const localAddress = `127.0.1.${1 + Math.floor(index / perAddress)}`
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => {})
  socket.on('connect', () => {
    opened += 1
    if (opened === total) process.stdout.write(`open ${opened}\n`)
  })
  socket.on('close', () => {
    closed += 1
    if (closed === total) process.stdout.write('closed\n')
  })
  socket.resume()
}
