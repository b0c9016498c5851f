'use strict';
// node's ws, as a client that does what it is told or as a server that echoes.
const WebSocket = require('ws');

const pattern = length => Buffer.from({length}, (_, i) => i * 31 & 0xff);

const describe = (data, isBinary) => {
  if (!isBinary) return 'text ' + data;
  return data.equals(pattern(data.length)) ? 'binary ' + data.length : 'broken';
};

// The windows to ask for, the server's and the client's, if they are given.
const deflate = (server, client) =>
  server === undefined || {threshold: 0, serverMaxWindowBits: +server, clientMaxWindowBits: +client};

function client(uri, ...bits) {
  const ws = new WebSocket(uri, {perMessageDeflate: deflate(...bits)});
  let lines;
  ws.on('message', (data, isBinary) => console.log(describe(data, isBinary)));
  ws.on('pong', () => console.log('pong'));
  ws.on('close', (code, reason) => {
    console.log(`closed ${code} ${reason}`);
    lines.close();
  });
  ws.on('open', () => {
    lines = require('readline').createInterface({input: process.stdin});
    lines.on('line', obey);
  });
  function obey(line) {
    const [command, ...rest] = line.split(' ');
    if (command === 'text') ws.send(rest.join(' '));
    if (command === 'binary') ws.send(pattern(+rest[0]));
    if (command === 'ping') ws.ping();
    if (command === 'close') ws.close(+rest[0], rest[1]);
    if (command === 'fragments') {
      for (let i = 0; i < +rest[0]; i++) ws.send(`part ${i} `, {fin: i === rest[0] - 1});
    }
  }
}

function server(...bits) {
  const listening = new WebSocket.WebSocketServer(
    {host: '127.0.0.1', port: 0, perMessageDeflate: deflate(...bits)});
  listening.on('listening', () => console.log(`listening ${listening.address().port}`));
  listening.on('connection', ws => ws.on('message', (data, isBinary) => {
    if (!isBinary && String(data) === 'please close') ws.close(4002, 'server');
    else ws.send(data, {binary: isBinary});
  }));
}

if (process.argv[2] === 'client') client(...process.argv.slice(3));
else server(...process.argv.slice(3));
