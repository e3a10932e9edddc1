//  The assignment service: gives each labelled case its owner, or brings it before the desk, and
//  carries out what people decide. All changes go through the ledger.

#ifndef DAUMOI_ASSIGNMENT_H
#define DAUMOI_ASSIGNMENT_H

#include "offer.h"
#include "request.h"
#include "service.h"

typedef struct assignment assignment_t;

assignment_t *assignment_new (service_t *service, refusal_t *refusal);
void assignment_destroy (assignment_t **self_p);

#endif
