// The language server of taplo, which comes as a library for editors (npm `@taplo/lsp`), as a program that speaks over its
// standard streams. No file but those that it is asked to read, and no network.
const { promises, createWriteStream } = require("node:fs");
const { isAbsolute } = require("node:path");
const { fileURLToPath } = require("node:url");
const { TaploLsp } = require("@taplo/lsp");

const nowhere = createWriteStream("/dev/null");
const refused = () => Promise.reject(new Error("no network"));
const environment = {
  cwd: () => process.cwd(),
  envVar: () => undefined,
  envVars: () => [],
  fetch: { fetch: refused, Headers, Request, Response },
  findConfigFile: () => undefined,
  glob: () => [],
  isAbsolute,
  now: () => new Date(),
  readFile: (file) => promises.readFile(file),
  stdErrAtty: () => false,
  stderr: nowhere,
  stdin: process.stdin,
  stdout: nowhere,
  urlToFilePath: (url) => (url.startsWith("file:") ? fileURLToPath(url) : url),
  writeFile: refused,
};

const onMessage = (message) => {
  const body = Buffer.from(JSON.stringify(message));
  process.stdout.write(`Content-Length: ${body.length}\r\n\r\n`);
  process.stdout.write(body);
};

TaploLsp.initialize(environment, { onMessage }).then((server) => {
  let unread = Buffer.alloc(0);
  process.stdin.on("data", (piece) => {
    unread = Buffer.concat([unread, piece]);
    for (;;) {
      const head = unread.indexOf("\r\n\r\n");
      const length = head < 0 ? NaN : Number(/content-length: *(\d+)/i.exec(unread.toString("latin1", 0, head))[1]);
      const end = head + 4 + length;
      if (!(unread.length >= end)) return;
      server.send(JSON.parse(unread.toString("utf8", head + 4, end)));
      unread = unread.subarray(end);
    }
  });
});
