package cablestream.chaos;

import java.util.SplittableRandom;

/**
 * The messages of a run: each is a JSON object with its session, its life and its number, and a
 * text derived from these three, so that its receiver can check it.
 */
final class Payload {
  /** Parts of JSON strings, with characters of one to four bytes and escapes. */
  private static final String[] TOKENS = {
    "a",
    "Z",
    "0",
    " ",
    "é",
    "ß",
    "Ω",
    "–",
    "€",
    "漢",
    "ｷ",
    "😀",
    "👩‍🚀",
    "\\u00fc",
    "\\n",
    "\\\"",
    "\\\\",
    "\\/",
    "</script>",
    "\u2028",
    "data: ",
    "id: 1-1",
    ":",
    "\\u0000",
    "{\\\"k\\\":",
    "\u00a0"
  };

  private static final int POSITIONS = 64 * 1024;
  private static final int[] STARTS = new int[POSITIONS];
  private static final String CORPUS = corpus();

  private Payload() {}

  static String message(int session, int life, long number) {
    SplittableRandom random =
        new SplittableRandom((long) session << 40 ^ (long) life << 24 ^ number);
    int tokens = tokens(random);
    int from = random.nextInt(POSITIONS - tokens - 1);
    return head(session, life, number)
        + CORPUS.substring(STARTS[from], STARTS[from + tokens])
        + "\"}";
  }

  /** Whether a text equals the message that its numbers designate. */
  static boolean isIntact(String message, int session, int life, long number) {
    return message.equals(message(session, life, number));
  }

  private static String head(int session, int life, long number) {
    return "{\"session\":" + session + ",\"life\":" + life + ",\"k\":" + number + ",\"text\":\"";
  }

  /** Mostly the length of a line of text, sometimes of a page, rarely more than a backlog. */
  private static int tokens(SplittableRandom random) {
    int dice = random.nextInt(10_000);
    if (dice < 2) {
      return 50_000 + random.nextInt(10_000);
    }
    return dice < 100 ? 2_000 + random.nextInt(6_000) : random.nextInt(60);
  }

  private static String corpus() {
    SplittableRandom random = new SplittableRandom(1);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < POSITIONS; i++) {
      STARTS[i] = text.length();
      text.append(TOKENS[random.nextInt(TOKENS.length)]);
    }
    return text.toString();
  }
}
