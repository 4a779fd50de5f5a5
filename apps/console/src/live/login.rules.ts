/** A login out of whatever name a person types. */

const CYRILLIC = 'абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ';
const LATIN = 'a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya i yi ye g'.split(' ');

/** Lower-case a-z 0-9 _ . @ + -, at most 64 characters; the same for the same name, '' for a blank one. */
export function loginOf(name: string): string {
  const text = name.trim().toLowerCase();
  const latin = Array.from(text, (letter) => spelled(letter))
    .join('')
    .normalize('NFKD');
  const login = latin
    .replace(/\s+/g, '.')
    .replace(/[^a-z0-9_.@+-]/g, '')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 64);
  if (login.length >= 2 || login === text) return login;
  return text ? `guest-${hash(text)}` : '';
}

function spelled(letter: string): string {
  const at = CYRILLIC.indexOf(letter);
  return at < 0 ? letter : (LATIN[at] ?? '').replace('-', '');
}

/** Scripts without a spelling in Latin letters get a short stable number. */
function hash(text: string): string {
  let sum = 2_166_136_261;
  for (const unit of new TextEncoder().encode(text)) sum = Math.imul(sum ^ unit, 16_777_619) >>> 0;
  return sum.toString(36);
}
