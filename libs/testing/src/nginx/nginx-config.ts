/** nginx as the load balancer in front of the doors; requirements R11.2 and R11.3 to the letter. */

export interface NginxRoutes {
  /** The processes behind each route: ports of 127.0.0.1, or `host:port`, where a name that stands for several is each of them in turn. */
  readonly websocket: readonly (number | string)[];
  readonly sse: readonly (number | string)[];
  readonly api: readonly (number | string)[];
}

export interface NginxPlace {
  readonly routes: NginxRoutes;
  /** `address:port` to listen on. */
  readonly listen: string;
  /** Where it writes. */
  readonly home: string;
}

/** A day: a connection on which nobody speaks is ended by its ends, not by what stands between them. */
const OPEN_SECONDS = 86_400;

const WEBSOCKET = ['/connection/websocket', '/realtime/ws'];
const STREAMS = ['/connection/sse', '/connection/http_stream', '/emulation', '/chat/events', '/realtime/events'];

export function nginxConfiguration({ routes, listen, home }: NginxPlace): string {
  return `daemon off;
worker_processes 1;
pid ${home}/nginx.pid;
# Its warnings quote whole addresses, and an address may hold a token (cf_connect, token).
error_log stderr crit;
events { worker_connections 8192; }
http {
  access_log off;
  server_tokens off;
  client_body_temp_path ${home}/body;
  proxy_temp_path ${home}/proxy;
  fastcgi_temp_path ${home}/other;
  uwsgi_temp_path ${home}/other;
  scgi_temp_path ${home}/other;
${upstreams(routes)}
  server {
    listen ${listen} backlog=4096;
    client_max_body_size 1m;
    # Who takes longer for the head of a request holds a connection for nothing.
    client_header_timeout 10s;
    client_body_timeout 10s;
    proxy_http_version 1.1;
    proxy_connect_timeout 2s;
    # Never a request that was sent on and may not be repeated: nginx itself sees to that.
    proxy_next_upstream error timeout;
    proxy_next_upstream_tries 2;
${WEBSOCKET.map(websocket).join('\n')}
${STREAMS.map(stream).join('\n')}
    # A browser's EventSource gives up for good at any status but 200: told to come again, it does.
    location @later {
      if ($http_accept !~ "text/event-stream") { return 502; }
      default_type text/event-stream;
      add_header Cache-Control no-store;
      return 200 "retry: 1000\\n\\n";
    }
    location / {
      proxy_pass http://api;
      proxy_set_header Connection "";
${FORWARDED}
    }
  }
}
`;
}

/** Round robin; a process that does not answer is passed over for a second, not for nginx's ten. */
const upstreams = (routes: NginxRoutes): string =>
  Object.entries(routes)
    .map(([name, ports]) => {
      const servers = (ports as NginxRoutes['api']).map(
        (each) => `    server ${typeof each === 'number' ? `127.0.0.1:${each}` : each} max_fails=1 fail_timeout=1s;`,
      );
      // nginx wants at least one.
      return `  upstream ${name} {\n${servers.join('\n') || '    server 127.0.0.1:1 down;'}\n    keepalive 16;\n  }`;
    })
    .join('\n');

const FORWARDED = `      proxy_set_header Host $http_host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;`;

const websocket = (path: string): string => `    location = ${path} {
      proxy_pass http://websocket;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "Upgrade";
${FORWARDED}
      proxy_read_timeout ${OPEN_SECONDS}s;
      proxy_send_timeout ${OPEN_SECONDS}s;
    }`;

const stream = (path: string): string => `    location = ${path} {
      proxy_pass http://sse;
      proxy_set_header Connection "";
${FORWARDED}
      proxy_buffering off;
      proxy_cache off;
      add_header X-Accel-Buffering no;
      error_page 502 504 = @later;
      proxy_read_timeout ${OPEN_SECONDS}s;
    }`;
