//  daumoi-train: builds the model, evaluates it, measures its speed.

#include <stdio.h>
#include <time.h>

#include "classification/classify.h"
#include "evaluation.h"
#include "trainer.h"

static const char usage[] =
    "usage: daumoi-train train DATA MODEL          build MODEL from the texts in DATA/*.jsonl\n"
    "       daumoi-train evaluate DATA MODEL PROFILE   accuracy on the frozen test part\n"
    "       daumoi-train tune DATA MODEL PROFILE       the same on the part that thresholds are "
    "from\n"
    "       daumoi-train speed DATA MODEL PROFILE      texts per second on one core\n";

static int
fail (const refusal_t *refusal)
{
    fprintf (stderr, "daumoi-train: %s: %s\n", refusal->field, refusal->text);
    return refusal_exit_status (refusal->code);
}

static corpus_t *
corpus_open (const char *folder, refusal_t *refusal)
{
    size_t skipped;
    corpus_t *corpus = corpus_load (folder, &skipped, refusal);
    if (corpus)
        fprintf (stderr, "%zu labelled texts in %s, %zu lines skipped\n", corpus->count, folder,
            skipped);
    return corpus;
}

static int
file_write (const char *name, const buffer_t *bytes, refusal_t *refusal)
{
    FILE *out = fopen (name, "wb");
    bool good = out && fwrite (bytes->data, 1, bytes->size, out) == bytes->size;
    if (out)
        good = fclose (out) == 0 && good;
    return good ? 0 : refuse (refusal, REFUSAL_UNAVAILABLE, "model", "cannot write %s", name);
}

static int
run_train (const corpus_t *corpus, char **args, refusal_t *refusal)
{
    scorer_t *scorer = trainer_run (corpus);
    buffer_t bytes = {0};
    scorer_write (scorer, &bytes);
    int result = file_write (args[3], &bytes, refusal);
    if (result == 0)
        printf ("%s: version %s, %zu features, %zu bytes\n", args[3], scorer->version,
            scorer->count, bytes.size);
    buffer_free (&bytes);
    scorer_destroy (&scorer);
    return result;
}

static double
seconds_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

//  Texts of such a size, until enough of them were read to be measured.
static void
speed_measure (const corpus_t *corpus, const classifier_t *classifier, size_t least, size_t most)
{
    static const double enough_s = 2;
    arena_t *arena = arena_new ();
    size_t bytes = 0, texts = 0, before = 1;
    double start = seconds_now ();
    while (seconds_now () - start < enough_s && texts != before) {
        before = texts;
        for (size_t i = 0; i < corpus->count; i++) {
            petition_t petition = {.text = corpus->records[i].text};
            labels_t labels;
            if (petition.text.size < least || petition.text.size > most)
                continue;
            arena_reset (arena);
            classify (classifier, &petition, arena, &labels);
            bytes += petition.text.size;
            texts++;
        }
    }
    double spent = seconds_now () - start;
    arena_destroy (&arena);
    if (texts)
        printf ("texts of %zu to %zu bytes, %.0f on average: %.0f texts/s and core, %.1f us each\n",
            least, most, (double)bytes / (double)texts, (double)texts / spent,
            spent / (double)texts * 1e6);
}

static int
run_with_classifier (const corpus_t *corpus, char **args, refusal_t *refusal)
{
    profile_t *profile = profile_load (args[4], NULL, refusal);
    double start = seconds_now ();
    classifier_t *classifier = profile ? classifier_new (args[3], profile, refusal) : NULL;
    if (classifier) {
        fprintf (stderr, "model %s loaded in %.0f ms\n", classifier_version (classifier),
            (seconds_now () - start) * 1000);
        if (strcmp (args[1], "speed") == 0) {
            speed_measure (corpus, classifier, 1, 65536);
            speed_measure (corpus, classifier, 800, 1300);
        } else
            evaluation_print (corpus, classifier, profile, strcmp (args[1], "tune") == 0, stdout);
    }
    int result = classifier ? 0 : -1;
    classifier_destroy (&classifier);
    profile_destroy (&profile);
    return result;
}

int
main (int count, char **args)
{
    bool train = count == 4 && strcmp (args[1], "train") == 0;
    bool judge = count == 5 && (strcmp (args[1], "evaluate") == 0 ||
                                   strcmp (args[1], "tune") == 0 || strcmp (args[1], "speed") == 0);
    if (!train && !judge) {
        fputs (usage, stderr);
        return 2;
    }
    refusal_t refusal = {0};
    corpus_t *corpus = corpus_open (args[2], &refusal);
    int result = -1;
    if (corpus)
        result = train ? run_train (corpus, args, &refusal)
                       : run_with_classifier (corpus, args, &refusal);
    corpus_destroy (&corpus);
    return result == 0 ? 0 : fail (&refusal);
}
