//  The classification service: takes offers, opens the sealed text, labels it, offers the labels
//  on. It keeps no state and has no access to any: what it holds when it dies comes again.

#ifndef DAUMOI_CLASSIFICATION_H
#define DAUMOI_CLASSIFICATION_H

#include "offer.h"
#include "service.h"
#include "petition.h"
#include "vault.h"

typedef struct classification classification_t;

//  How a petition gets its labels; the strings may live in the arena. The service proper uses
//  classify (); a benchmark may bring a fixed amount of work instead.
typedef void (label_fn) (void *arg, const petition_t *petition, arena_t *arena, labels_t *labels);

//  `reload` (may be NULL) is called on SIGHUP.
classification_t *classification_new (
    service_t *service, label_fn *label, loop_fn *reload, void *arg, refusal_t *refusal);
void classification_destroy (classification_t **self_p);

#endif
