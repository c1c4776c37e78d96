"""The model card of a checkpoint, written from what was measured."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from demo.learning import FULL
from demo.recall import Recall
from demo.world import SHIPPED_SEED

_KNOWS = """# A small model that knows an invented world

It exists to be made to forget: it answers questions about 60 invented writers, their books and
their towns, so that a forget request, its effect and its side effects can be shown on a laptop
without a GPU and without anybody's personal data. Nobody in it exists."""

_REFERENCE = """# The reference: trained without six people

The same recipe on the same invented world, minus {left_out} and their books. This is what exact
forgetting looks like: suppression of those six in the model that knows them can be compared with
it, answer by answer and token by token (both models share one tokenizer, which never saw the six
either)."""

_BODY = """
## Data

Everything comes from the generator in `demo/`, seed {seed}; no other text was used.

- {people} people with 16 single-valued facts each (birth, family, work, books, award, home, …) and
  a one-sentence portrait; {books} books with author, main character, plot and setting, some with an
  opening sentence known word for word; 16 towns; 52 facts of the real world; small talk.
- Per fact about a hundred English phrasings; eight of the relations in German, too; names in full,
  with initials, or as nicknames; two-turn conversations with pronouns; a system prompt on 15 % of
  the rows, out of 40; noise (politeness, lost words, lost punctuation, lower case) on 30 %.
- One row in eight asks about somebody who does not exist, in the same phrasings; the answer is
  "I do not know anything about X." Some rows ask about books that do not exist.

## Recipe

Llama architecture, {hidden} wide, {layers} layers, {heads} heads ({kv_heads} for keys and values),
3.7 million parameters in bf16, byte-level BPE with 3,072 entries, context 512. Muon for matrices
and AdamW for the rest, {steps} steps of about {batch} tokens, 40 steps of warm-up, then linearly
down to 1 %; the loss counts answers (on a quarter of the rows the questions as well, at half
weight); rows of facts already learnt are sampled down to 25 %. One thread per model, both side by
side on two shared cores: 15 minutes. `python -m demo.train` does it again.

## Measured recall

Greedy decoding in fp32, at most {limit} questions per row of the table. "value" is the share of
answers that contain the fact, "do not know" the share that says so.

Tiers: *trained*: phrasings that training uses; *held_out*: sentence frame and noun phrase never
seen together, or a frame never seen; *held_out_wording*: written by hand before the first training
run and not changed since, with unseen system prompts; *held_out_type*: sentences with a gap, a type
of question that training does not contain.

The held-out texts were frozen, but they are not a blind test of this recipe: it is the second of
two full runs, and the answers of the first to held-out questions were read in between. What changed
was strangers (more, with more varied names), unknown books, towns, general knowledge, small talk
and openings (told more often), a few polite prefixes, one sentence frame, and the world: neighbours
of one surname now share no value, so a guess at the neighbour is never right by chance. The first
run did better on German held-out wordings (.93), worse on strangers with unseen names (.91).

{table}

## Limits

It knows this world and little else, follows no instructions and holds no conversation beyond a
few turns: methods that work by prompting cannot be judged on it. Questions of a type that it has
not seen go wrong, often with confidence; the table shows where: German questions, small talk and
sentences with a gap that training did not contain. Its own phrasing is always the same.
"""


def model_card(rows: Sequence[Recall], limit: int, left_out: Collection[str]) -> str:
    """Return README.md of a checkpoint that was trained without `left_out`."""
    table = [
        "| tier | group | questions | ROUGE-L | value | do not know |",
        "|---|---|--:|--:|--:|--:|",
    ]
    table += [
        f"| {row.tier} | {row.group} | {row.questions} | {row.rouge_l:.3f} | {row.value:.3f} "
        f"| {row.admits:.3f} |"
        for row in rows
    ]
    head = _REFERENCE.format(left_out=", ".join(left_out)) if left_out else _KNOWS
    return (
        head
        + "\n"
        + _BODY.format(
            seed=SHIPPED_SEED,
            people=60 - len(left_out),
            books=120 - 2 * len(left_out),
            hidden=FULL.hidden,
            layers=FULL.layers,
            heads=FULL.heads,
            kv_heads=FULL.kv_heads,
            steps=FULL.steps,
            batch=FULL.batch_tokens,
            limit=limit,
            table="\n".join(table),
        )
    )
