//  Builds the model from labelled texts: logistic regression, one class against the rest, each text
//  as written and without diacritics; calibrated on texts that the weights have not seen.
//  Same texts, same library: the same bytes.

#ifndef DAUMOI_TRAINER_H
#define DAUMOI_TRAINER_H

#include "corpus.h"
#include "scorer.h"

//  Never NULL; takes a minute or two, tells on standard error where it is. The caller writes it.
scorer_t *trainer_run (const corpus_t *corpus);

#endif
