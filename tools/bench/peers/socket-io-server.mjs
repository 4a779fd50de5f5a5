// Socket.IO as its guide on performance says: WebSocket only, no compression, the request not kept. Runs beside an installed socket.io.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
// Pings are out of the way: the run is shorter than one period.
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, httpCompression: false, pingInterval: 600_000, serveClient: false });
io.engine.on('connection', (raw) => (raw.request = null));
io.on('connection', (socket) => socket.join('one'));
process.on('message', (text) => io.to('one').emit('pub', text));
process.on('disconnect', () => process.exit());
http.listen(Number(process.argv[2]), '127.0.0.1', () => process.send('ready'));
