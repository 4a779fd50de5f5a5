/** What people say, in several scripts. */
import type { Chance } from './random.ts';

type Some = readonly [string, ...string[]];

export interface Language {
  readonly titles: Some;
  readonly says: Some;
  readonly given: Some;
  readonly family: Some;
}

const ENGLISH: Language = {
  titles: ['Release week', 'Lunch at the river', 'On call', 'Garden plans', 'Book club', 'Flat 4B', 'Choir, Thursdays', 'Moving house'],
  says: [
    'Good morning! Has anybody looked at the numbers yet?',
    'I will be ten minutes late, please start without me.',
    'The second draft is in the usual folder; comments welcome.',
    'That is exactly what I meant. Thank you!',
    'Can we move this to Thursday?',
    'No, the other door: the blue one behind the bakery.',
    'It works on my machine, which proves nothing.',
    'Let us not decide this tonight.',
    'Who takes the notes today?',
    'Fine by me.',
  ],
  given: ['Alice', 'Tom', 'Grace', 'Owen', 'Ruth', 'Ben', 'Nora', 'Sam'],
  family: ['Baker', 'Hughes', 'Okafor', 'Lindqvist', 'Moreau', 'Rossi', 'Novák', 'Ó Briain'],
};

const RUSSIAN: Language = {
  titles: ['Дача', 'Родительский комитет', 'Сборка и релизы', 'Поход в горы', 'Соседи', 'Книжный клуб'],
  says: [
    'Доброе утро! Кто сегодня дежурит?',
    'Я опоздаю минут на десять, начинайте без меня.',
    'Посмотрите, пожалуйста, вторую страницу: там ошибка.',
    'Согласен, но давайте вернёмся к этому завтра.',
    'Спасибо большое, всё получилось!',
    'Нет, не этот ключ, а тот, что с красной ниткой.',
    'Ещё раз, медленно и по порядку.',
    'Хорошо.',
  ],
  given: ['Анна', 'Иван', 'Ольга', 'Пётр', 'Мария', 'Тарас', 'Елена', 'Юрий'],
  family: ['Соколенко', 'Мельник', 'Кузнец', 'Шевчук', 'Орлова', 'Белый'],
};

const ARABIC: Language = {
  titles: ['فريق التصميم', 'رحلة العائلة', 'أخبار الحي', 'اجتماع الخميس'],
  says: [
    'صباح الخير! هل وصل الجميع؟',
    'سأتأخر عشر دقائق، ابدؤوا من دوني.',
    'شكرًا جزيلًا، هذا ما أردته تمامًا.',
    'هل يمكننا تأجيل الموعد إلى يوم الخميس؟',
    'الملف الجديد في المجلد نفسه، الإصدار 2.1.',
    'لا مشكلة.',
  ],
  given: ['ليلى', 'عمر', 'سلمى', 'يوسف', 'نور'],
  family: ['حداد', 'خوري', 'منصور', 'الزهراني'],
};

const HEBREW: Language = {
  titles: ['ועד הבית', 'צוות הפיתוח', 'טיול בשבת', 'ארוחת ערב'],
  says: [
    'בוקר טוב! מי מגיע היום?',
    'אני אאחר בעשר דקות, תתחילו בלעדיי.',
    'תודה רבה, עכשיו זה עובד.',
    'אפשר להזיז את זה ליום חמישי?',
    'זה הקובץ הנכון: report-7.pdf',
    'בסדר גמור.',
  ],
  given: ['נועה', 'דוד', 'תמר', 'אורי', 'מיכל'],
  family: ['לוי', 'כהן', 'ברק', 'שרון'],
};

const HINDI: Language = {
  titles: ['परिवार', 'दफ़्तर की बातें', 'यात्रा की योजना', 'क्रिकेट'],
  says: [
    'सुप्रभात! आज कौन आ रहा है?',
    'मुझे दस मिनट की देर होगी, आप शुरू कीजिए।',
    'बहुत धन्यवाद, अब सब ठीक है।',
    'क्या हम इसे गुरुवार को कर सकते हैं?',
    'दूसरा पन्ना एक बार फिर देख लीजिए।',
    'ठीक है।',
  ],
  given: ['आरव', 'मीरा', 'कबीर', 'अनन्या', 'रोहन'],
  family: ['शर्मा', 'मेहता', 'राव', 'घोष'],
};

const CHINESE: Language = {
  titles: ['周末爬山', '产品组', '家庭群', '读书会'],
  says: [
    '早上好!大家都到了吗?',
    '我会晚十分钟,你们先开始吧。',
    '太好了,就是这个意思,谢谢!',
    '能不能改到星期四?',
    '第二版已经放在老地方了,请看一下。',
    '没问题。',
  ],
  given: ['伟', '芳', '敏', '静', '磊'],
  family: ['王', '李', '张', '陈'],
};

const JAPANESE: Language = {
  titles: ['開発チーム', '週末の予定', 'お花見', '読書会'],
  says: [
    'おはようございます。今日の当番は誰ですか?',
    '十分ほど遅れます。先に始めてください。',
    'ありがとうございます。直りました!',
    '木曜日に変更できますか?',
    '新しい資料はいつものフォルダーにあります。',
    '了解です。',
  ],
  given: ['さくら', '健太', '美咲', '大輔'],
  family: ['佐藤', '鈴木', '高橋', '田中'],
};

const KOREAN: Language = {
  titles: ['개발팀', '주말 등산', '가족 모임'],
  says: [
    '좋은 아침입니다! 다들 도착하셨나요?',
    '십 분 정도 늦을 것 같아요. 먼저 시작하세요.',
    '감사합니다, 이제 잘 됩니다.',
    '목요일로 옮길 수 있을까요?',
    '네, 알겠습니다.',
  ],
  given: ['민준', '서연', '지우', '하은'],
  family: ['김', '이', '박', '최'],
};

// English three times: the mixture of most installations, and every script still in hundreds of threads.
const LANGUAGES: readonly [Language, ...Language[]] = [ENGLISH, ENGLISH, ENGLISH, RUSSIAN, RUSSIAN, ARABIC, HEBREW, HINDI, CHINESE, JAPANESE, KOREAN];
const EMOJI: Some = ['👍', '🎉', '😂', '❤️', '🙏', '👀', '🚀', '👨‍👩‍👧‍👦', '🏳️‍🌈', '👋🏽', '🇺🇳', '☕'];

export const languageOf = (chance: Chance): Language => chance.of(LANGUAGES);
export const nameIn = ({ given, family }: Language, chance: Chance): string => `${chance.of(given)} ${chance.of(family)}`;
export const reactionOf = (chance: Chance): string => chance.of(EMOJI);

/** One to four sentences, sometimes only a picture. */
export function textIn(language: Language, chance: Chance): string {
  if (chance.happens(0.06)) return chance.of(EMOJI);
  const sentences = Array.from({ length: 1 + chance.below(chance.happens(0.2) ? 4 : 2) }, () => chance.of(language.says));
  return sentences.join(' ') + (chance.happens(0.15) ? ` ${chance.of(EMOJI)}` : '');
}
