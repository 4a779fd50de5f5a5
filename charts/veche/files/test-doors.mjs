// Each door through its Service: 401 or 400 is an answer too, what counts is that it is ours.
const failures = [];
for (const { fullname, paths } of JSON.parse(process.env.BACKENDS)) {
  for (const path of paths) {
    const url = `http://${fullname}:3000${path}`;
    const status = await fetch(url).then(
      (answer) => answer.status,
      (error) => error.message,
    );
    const answered = typeof status === 'number' && status < 500;
    console.log(`${answered ? 'ok  ' : 'FAIL'} ${url}: ${status}`);
    if (!answered) failures.push(url);
    if (!path.startsWith('/connection')) continue;
    const socket = path === '/connection' ? '/connection/websocket' : path;
    if (!socket.endsWith('websocket')) continue;
    const opened = await new Promise((resolve) => {
      const client = new WebSocket(`ws://${fullname}:3000${socket}`);
      client.onopen = () => resolve(true);
      client.onerror = () => resolve(false);
      setTimeout(resolve, 5000, false);
    });
    console.log(`${opened ? 'ok  ' : 'FAIL'} ${socket} opens`);
    if (!opened) failures.push(socket);
  }
}
process.exit(failures.length > 0 ? 1 : 0);
