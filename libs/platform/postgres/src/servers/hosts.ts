/** The addresses of one database, and which of them is used now. */

/** One URL for each host of a URL that may name several, separated by commas. */
export function urlsOf(url: string): readonly string[] {
  const [, before = '', hosts = '', after = ''] = /^(postgres(?:ql)?:\/\/(?:[^@/]*@)?)([^/?]*)(.*)$/.exec(url) ?? [];
  return hosts.split(',').map((host) => `${before}${host}${after}`);
}

export class Hosts {
  readonly urls: readonly string[];
  private at = 0;

  constructor(url: string) {
    this.urls = urlsOf(url);
  }

  /** Where the next connection goes. */
  get current(): string {
    return this.urls[this.at] as string;
  }

  get several(): boolean {
    return this.urls.length > 1;
  }

  use(url: string): void {
    this.at = Math.max(this.urls.indexOf(url), 0);
  }
}
