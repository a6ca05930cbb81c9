/** What no proposal of 2007 converts: where the core needs only a yes or no, the flag is tested as before. */
import type { vm_area_struct } from '../mm/mm_types';
import type { Probe } from './probe';
import type { TestSite } from './sites';

export const is_vm_hugetlb_page = (vma: vm_area_struct, _site: TestSite, probe: Probe): boolean => probe.hugetlb(vma);
