/** Says what is being waited for when it takes longer than two seconds, and then every ten. */
export async function withProgress<T>(say: (line: string) => void, what: string, work: Promise<T>): Promise<T> {
  let seconds = 0;
  const tick = setInterval(() => {
    seconds++;
    if (seconds === 2 || seconds % 10 === 0) say(`${what} … ${seconds} s`);
  }, 1_000);
  try {
    return await work;
  } finally {
    clearInterval(tick);
  }
}
