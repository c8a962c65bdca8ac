"""The words of TAXII 2.1: what a request asks for, what an object must be, what an answer looks like. Pure."""
