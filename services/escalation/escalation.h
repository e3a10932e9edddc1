//  The escalation service, first part: whatever a machine step did not finish in time is offered
//  again, oldest first and only against free credit. An outage is waited out. A try counts only
//  when a worker reported that it took the offer; a case that was taken three times and never
//  finished goes to the desk as it is, so that one bad letter stops nothing.

#ifndef DAUMOI_ESCALATION_H
#define DAUMOI_ESCALATION_H

#include "offer.h"
#include "service.h"

typedef struct escalation escalation_t;

escalation_t *escalation_new (service_t *service, refusal_t *refusal);
void escalation_destroy (escalation_t **self_p);

#endif
