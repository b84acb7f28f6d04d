import { connect, createServer } from 'node:net'

// Listens on a port of the network namespace it was started in, and passes every connection on to a socket of the file system.
const [socket = '', port = ''] = process.argv.slice(2)

const server = createServer((near) => {
  const far = connect(socket)
  near.pipe(far).pipe(near)
  // Not destroyed at the other's close: what is still on its way has to arrive.
  near.on('error', () => far.destroy()).on('close', () => far.end())
  far.on('error', () => near.destroy()).on('close', () => near.end())
})
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'))

// Ends with who started it.
process.stdin.resume().on('end', () => process.exit())
