"""Answers questions from a packaged list: one JSON object a line in, one a line out."""

import json
import math
import os
import re
import sys
import urllib.request

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STOP_WORDS = frozenset("a an and are can do does for get how i in is it my of on or the there to what when where which who".split())
MAX_QUESTION = 500
# Below this score the list has no answer; chosen so that questions about other subjects stay unanswered.
LEAST_SCORE = 1.2


def words(text):
    """The words that count, cut to their stems as far as English needs it here."""
    found = re.findall(r"[a-z0-9]+", text.lower())
    return [re.sub(r"(ing|ed|es|s)$", "", w) if len(w) > 4 else w for w in found if w not in STOP_WORDS]


class Index:
    """BM25 (k1 = 1.2, b = 0.75) over question and answer of each passage."""

    def __init__(self, passages):
        self.passages = passages
        self.bags = [words(p["question"]) * 2 + words(p["answer"]) for p in passages]
        self.mean = sum(map(len, self.bags)) / len(self.bags)
        self.frequency = {}
        for bag in self.bags:
            for word in set(bag):
                self.frequency[word] = self.frequency.get(word, 0) + 1

    def search(self, question, count=3):
        """The best passages with their scores, best first."""
        scored = []
        for passage, bag in zip(self.passages, self.bags):
            score = 0.0
            for word in set(words(question)) & set(bag):
                seen, among = bag.count(word), self.frequency[word]
                rarity = math.log(1 + (len(self.bags) - among + 0.5) / (among + 0.5))
                score += rarity * seen * 2.2 / (seen + 1.2 * (0.25 + 0.75 * len(bag) / self.mean))
            scored.append((score, passage))
        return sorted(scored, key=lambda pair: -pair[0])[:count]


def phrase(question, passages):
    """The model's wording of the passages, or None where no gateway is named or it knows no answer."""
    url = os.environ.get("MODEL_URL")
    if not url:
        return None
    with open(os.path.join(HERE, "prompts", "answer.md"), encoding="utf-8") as file:
        system = file.read()
    given = "\n".join(f"[{p['id']}] {p['answer']}" for p in passages)
    body = {
        "model": "small-instruct",
        "temperature": 0.1,
        "max_tokens": 300,
        "messages": [
            {"role": "system", "content": system},
            {"role": "user", "content": f"Passages:\n{given}\n\nQuestion: {question}"},
        ],
    }
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=15) as reply:
        text = json.load(reply)["choices"][0]["message"]["content"].strip()
    return None if text == "UNKNOWN" else text


def answer(index, question):
    best = index.search(question[:MAX_QUESTION])
    if not best or best[0][0] < LEAST_SCORE:
        return {"answer": "I do not know. A person will answer you by mail.", "sources": [], "confidence": "none"}
    passages = [passage for _, passage in best]
    try:
        text = phrase(question, passages)
    except (OSError, ValueError, KeyError, IndexError) as error:
        print(f"faq-helper: model gateway: {error}", file=sys.stderr)
        text = None
    return {
        "answer": text or passages[0]["answer"],
        "sources": [p["id"] for p in passages] if text else [passages[0]["id"]],
        "confidence": "phrased" if text else "quoted",
    }


def main():
    with open(os.path.join(HERE, "data", "faq.json"), encoding="utf-8") as file:
        index = Index(json.load(file))
    for line in sys.stdin:
        if not line.strip():
            continue
        try:
            question = json.loads(line)["question"]
            if not isinstance(question, str) or not question.strip():
                raise ValueError("question is no text")
        except (ValueError, KeyError, TypeError) as error:
            print(json.dumps({"error": f"expected {{\"question\": TEXT}}: {error}"}), flush=True)
            continue
        print(json.dumps(answer(index, question), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
